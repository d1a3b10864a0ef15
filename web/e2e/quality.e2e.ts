// The honest meter, from a visitor's frames to the public page: what a browser measured is what /sla shows.

import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Host, oneWorld, startHost } from "./host.ts";
import { axe, DESKTOP, freeze, launch, PHONE, screenshots, SMALL, violations, visit, type Visitor } from "./visitor.ts";

let worlds: string;
let host: Host;
let browser: Browser;
beforeAll(async () => {
  worlds = oneWorld("tiny", { title: "Tiny" });
  host = await startHost({ worlds, args: ["--metrics-open"] });
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  await host?.dispose();
  rmSync(worlds, { recursive: true, force: true });
});

interface Shown {
  worlds: { hour: { client_minutes: number; percentiles: Record<string, { p50: number | null }> } }[];
}
const shown = async () => (await (await fetch(`${host.origin}/sla.json`)).json()) as Shown;

it("carries what a visitor measured to /sla and /metrics", async () => {
  const visitor = await visit(browser, `${host.origin}/w/tiny`, { viewport: SMALL, calm: true, pace: 0 });
  await visitor.inside("tiny");
  await visitor.page.waitForTimeout(12_000);
  // Leaving is what makes the last report, even when there was no minute.
  await visitor.page.goto(`${host.origin}/sla`);
  await expect.poll(async () => (await shown()).worlds[0]?.hour.client_minutes, { timeout: 20_000 }).toBeGreaterThan(0);
  const hour = (await shown()).worlds[0]?.hour;
  for (const name of ["join_ms", "tick_ms", "frame_ms", "kbit_s"]) expect(hour?.percentiles[name]?.p50, name).toBeGreaterThan(0);
  expect(hour?.percentiles["join_ms"]?.p50).toBeLessThan(120_000);
  const metrics = await (await fetch(`${host.origin}/metrics`)).text();
  expect(metrics).toMatch(/manyworlds_quality\{measure="join_ms",quantile="0.5",window="hour",world="tiny"\} \d/);
  await visitor.page.locator(".card .score b", { hasText: "%" }).waitFor({ timeout: 20_000 });
  visitor.clean();
  await visitor.context.close();
});

const sizes = [
  { size: "desktop", viewport: DESKTOP, phone: false },
  { size: "phone", viewport: PHONE, phone: true },
];
const languages = [
  { name: "en", locale: "en-GB", title: "Quality of service", other: "服务质量" },
  { name: "zh", locale: "zh-CN", title: "服务质量", other: "Quality of service" },
];

async function open(viewport: { width: number; height: number }, phone: boolean, locale: string): Promise<Visitor> {
  const visitor = await visit(browser, `${host.origin}/sla`, { viewport, phone, locale });
  await visitor.page.locator(".plot canvas").waitFor();
  return visitor;
}

describe.each(sizes)("the page on a $size", ({ size, viewport, phone }) => {
  it.each(languages)("is readable for everyone in $name", async ({ name, locale, title, other }) => {
    const visitor = await open(viewport, phone, locale);
    const { page } = visitor;
    await page.locator("h1", { hasText: title }).waitFor();
    await page.screenshot({ path: join(screenshots, `sla-${size}-${name}.png`), fullPage: true });
    expect(await axe(visitor)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    await page.locator(".window button").nth(1).click();
    await page.locator(".plot canvas").waitFor();
    expect(await axe(visitor)).toEqual([]);
    await page.locator("nav button").click();
    await page.locator("h1", { hasText: other }).waitFor();
    expect(await violations(visitor)).toEqual([]);
    visitor.clean();
    await visitor.context.close();
  });
});

it("can be read with the keyboard alone", async () => {
  const visitor = await open(DESKTOP, false, "en-GB");
  const { page } = visitor;
  const reached: string[] = [];
  for (let i = 0; i < 8; i++) {
    await page.keyboard.press("Tab");
    reached.push(await page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent ?? ""));
    if (reached.at(-1)?.startsWith("Share of good")) break;
  }
  for (const name of ["To the worlds", "中文", "Last hour", "Last day", "Tiny"]) expect(reached).toContain(name);
  await page.keyboard.press("End");
  await page.locator(".readout", { hasText: /: (nothing measured|[\d.]+ % of)/ }).waitFor();
  const last = await page.locator(".readout").textContent();
  for (let i = 0; i < 3; i++) await page.keyboard.press("ArrowLeft");
  await expect.poll(() => page.locator(".readout").textContent(), { timeout: 20_000 }).not.toBe(last);
  visitor.clean();
  await visitor.context.close();
});

it("stands in the operator's panel too", async () => {
  const token = (await host.operatorLink()).split("#")[1];
  const visitor = await visit(browser, `${host.origin}/w/tiny#${token}`, { viewport: DESKTOP, calm: true });
  await visitor.inside("tiny");
  await visitor.page.locator("button.tool[aria-label='Operator']").waitFor();
  await freeze(visitor, true); // a slow machine draws for seconds between two looks at the button
  await visitor.page.locator("button.tool[aria-label='Operator']").click();
  const panel = visitor.page.locator("#panel-operator");
  await panel.locator("p", { hasText: "95 % promised" }).waitFor();
  expect(await panel.locator("a[href='/sla']").count()).toBe(1);
  expect(await axe(visitor)).toEqual([]);
  await visitor.page.screenshot({ path: join(screenshots, "operator-quality.png"), timeout: 60_000 });
  await visitor.context.close();
});
