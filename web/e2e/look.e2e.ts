// How it looks and how fast it is there: pictures for people to judge, axe in both languages and sizes, the policy, and
// the time from a cold start to walking.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Host, root, startHost } from "./host.ts";
import { axe, DESKTOP, launch, PHONE, picture, screenshots, violations, visit, type Visitor } from "./visitor.ts";

let host: Host;
let browser: Browser;
beforeAll(async () => {
  host = await startHost();
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  await host?.dispose();
});

/** A slow machine draws, by its processor, what this takes. */
const PATIENCE_MS = 240_000;

const JOIN_MS = 3000;

it("is walking within three seconds of a cold start", async () => {
  const times: number[] = [];
  for (let i = 0; i < 3; i++) {
    // A new context has an empty cache.
    const visitor = await visit(browser, `${host.origin}/w/plaza`, { viewport: { width: 1280, height: 720 }, quality: "auto", pace: 0 });
    await visitor.inside("plaza");
    times.push(await visitor.ask((api) => api.enteredMs()));
    await visitor.context.close();
  }
  times.sort((a, b) => a - b);
  const report = { name: "cold_join", unit: "ms", runs: times.map(Math.round), median: Math.round(times[1] as number), bound: JOIN_MS };
  writeFileSync(join(root, "build/cold-join.json"), `${JSON.stringify(report)}\n`);
  console.log(`cold join: ${report.runs.join(", ")} ms`);
  expect(report.median).toBeLessThan(JOIN_MS);
});

const sizes = [
  { name: "desktop", viewport: DESKTOP, phone: false },
  { name: "phone", viewport: PHONE, phone: true },
];
const languages = [
  { name: "en", locale: "en-GB", title: "Plaza" },
  { name: "zh", locale: "zh-CN", title: "广场" },
];

/** The pictures of README.md and README.zh.md. They are committed: MW_PICTURES=1 puts new ones there. */
async function pictureForReadme(visitor: Visitor, tongue: string): Promise<void> {
  const bytes = await picture(visitor, `plaza.${tongue}.jpg`, "jpeg");
  if (!process.env["MW_PICTURES"]) return;
  mkdirSync(join(root, "docs/pictures"), { recursive: true });
  writeFileSync(join(root, `docs/pictures/plaza.${tongue}.jpg`), bytes);
}

const PANELS = ["gestures", "chat", "account", "share", "help", "settings"];

async function panels(visitor: Visitor, name: string): Promise<string[]> {
  const found: string[] = [];
  const tools = visitor.page.locator(".tools button");
  for (const panel of PANELS) {
    await tools.nth((await tools.count()) - PANELS.length + PANELS.indexOf(panel)).click();
    await visitor.page.locator(`#panel-${panel}`).waitFor();
    found.push(...(await axe(visitor)).map((line) => `${panel}: ${line}`));
    if (panel === "settings" || panel === "chat") await picture(visitor, `${name}-${panel}.png`);
    await visitor.page.keyboard.press("Escape");
  }
  for (const chip of [".chip.place", ".chip.name"]) {
    await visitor.page.locator(chip).click();
    found.push(...(await axe(visitor)).map((line) => `${chip}: ${line}`));
    if (chip === ".chip.place") await picture(visitor, `${name}-world.png`);
    await visitor.page.keyboard.press("Escape");
  }
  return found;
}

describe.each(sizes)("on a $name", ({ name: size, viewport, phone }) => {
  it.each(languages)("is readable for everyone in $name, and breaks no policy", async ({ name: tongue, locale, title }) => {
    const name = `${size}-${tongue}`;
    let go = () => {};
    const hold = new Promise<void>((resolve) => (go = resolve));
    const visitor = await visit(browser, `${host.origin}/w/plaza`, { viewport, phone, locale, hold, pace: 0 });
    await visitor.page.locator(".opening .title", { hasText: title }).waitFor();
    await visitor.page.screenshot({ path: join(screenshots, `${name}-loading.png`) });
    go();
    await visitor.inside("plaza");
    await expect.poll(() => visitor.page.title(), { timeout: 30_000 }).toContain(title);
    expect(await axe(visitor)).toEqual([]);
    expect(await panels(visitor, name)).toEqual([]);
    expect(await violations(visitor)).toEqual([]);
    visitor.clean();
    await visitor.context.close();
  }, PATIENCE_MS);
});

it.each(sizes.flatMap((size) => languages.map((tongue) => ({ ...size, ...tongue, size: size.name }))))(
  "makes the pictures to judge by ($size, $name)",
  async ({ size, name, viewport, phone, locale }) => {
    const visitor = await visit(browser, `${host.origin}/w/plaza`, { viewport, phone, locale, quality: "high", calm: true, pace: 0 });
    await visitor.inside("plaza");
    // Time for the picture to settle: shadows, walkers, what lies behind the gates.
    await visitor.page.waitForTimeout(6000);
    await visitor.until((api) => api.stats().avatars > 20 && api.stats().fading === 0, "everybody fully there", 120_000);
    await picture(visitor, `${size}-${name}.png`);
    if (!phone) await pictureForReadme(visitor, name);
    await visitor.context.close();
  },
  PATIENCE_MS,
);

it("can be used with the keyboard alone", async () => {
  const visitor = await visit(browser, `${host.origin}/w/plaza`, { viewport: { width: 900, height: 600 }, pace: 0 });
  await visitor.inside("plaza");
  const { page } = visitor;
  await page.locator("canvas.view").focus();
  const reached = new Set<string>();
  for (let i = 0; i < 14; i++) {
    await page.keyboard.press("Tab");
    reached.add(await page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent ?? ""));
  }
  for (const label of ["Gestures", "Settings", "Open the chat"]) expect([...reached].some((text) => text.startsWith(label)), label).toBe(true);
  await page.locator("button.tool[aria-label='Settings']").focus();
  await page.keyboard.press("Enter");
  await page.locator("#panel-settings").waitFor();
  await page.keyboard.press("Escape");
  expect(await page.locator("#panel-settings").count()).toBe(0);
  const yaw = await visitor.ask((api) => api.cameraYaw());
  await page.keyboard.down("ArrowLeft");
  await expect.poll(async () => Math.abs((await visitor.ask((api) => api.cameraYaw())) - yaw), { timeout: 45_000 }).toBeGreaterThan(0.05);
  await page.keyboard.up("ArrowLeft");
  await page.keyboard.press("t");
  await page.keyboard.type("by keyboard");
  await page.keyboard.press("Enter");
  await visitor.until((api) => api.chat().some((message) => message.text === "by keyboard"), "the words");
  await visitor.context.close();
});

it("can be walked with thumbs", async () => {
  const visitor = await visit(browser, `${host.origin}/w/plaza`, { viewport: PHONE, phone: true, pace: 0 });
  await visitor.inside("plaza");
  const before = await visitor.ask((api) => api.self());
  const cdp = await visitor.context.newCDPSession(visitor.page);
  const touch = (type: string, points: { x: number; y: number }[]) => cdp.send("Input.dispatchTouchEvent", { type: type as "touchStart", touchPoints: points });
  await touch("touchStart", [{ x: 90, y: 720 }]);
  await touch("touchMove", [{ x: 90, y: 690 }]);
  await touch("touchMove", [{ x: 90, y: 660 }]);
  await visitor.gone(before, 0.8);
  await touch("touchEnd", []);
  const small = await visitor.page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>("button, a, input")]
      .map((element) => ({ name: element.getAttribute("aria-label") ?? element.textContent, box: element.getBoundingClientRect() }))
      .filter(({ box }) => box.width > 0 && (box.width < 43.5 || box.height < 43.5))
      .map(({ name }) => name),
  );
  expect(small).toEqual([]);
  await visitor.context.close();
});
