// Figures of people's own: brought by a file, refused with the reason, worn, seen by others, there after a restart and on another host,
// left out where somebody does not want to see them.

import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeAccount } from "./account.ts";
import { figure } from "./figure.ts";
import { type Host, namedHosts, root } from "./host.ts";
import { axe, DESKTOP, freeze, launch, lit, PHONE, picture, screenshots, violations, visit, type Visitor } from "./visitor.ts";

let host: Host;
let other: Host;
let at = { a: "", b: "" };
let browser: Browser;
let ada: Visitor;
let bo: Visitor;

const PATIENCE_MS = 300_000;
const shared = resolve(root, "../shared/assets");
const everybody = { name: "Ann", authors: ["Bo Li"], avatarPermission: "everyone", modification: "allowModification", licenseUrl: "https://vrm.dev/licenses/1.0/" };

beforeAll(async () => {
  const named = await namedHosts({ a: { world: "garden", title: "Garden" }, b: { world: "beta", title: "Beta" } });
  ({ a: host, b: other } = named.hosts);
  at = named.at;
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  await host?.dispose();
  await other?.dispose();
});

const panel = (visitor: Visitor) => visitor.page.locator("#panel-appearance");

async function open(visitor: Visitor): Promise<void> {
  await visitor.page.locator(".chip.name").click();
  await visitor.page.locator("#panel-name button.appearance").click();
  await panel(visitor).getByRole("tab", { name: "Own", exact: true }).click();
  await panel(visitor).locator(".own").waitFor({ timeout: 60_000 });
}

async function bring(visitor: Visitor, name: string, buffer: Buffer): Promise<void> {
  await panel(visitor).locator("input[type=file]").setInputFiles({ name, mimeType: "model/gltf-binary", buffer });
}

const wornBy = async (watcher: Visitor) => {
  const own = (await watcher.ask((api) => api.self()))?.entity;
  return (await watcher.ask((api) => api.people())).find((person) => person.entity !== own)?.avatar;
};

/** Mean colour of the middle of the mirror; there once the scene has drawn into it. */
async function mirror(visitor: Visitor): Promise<{ red: number; green: number; blue: number }> {
  await panel(visitor).locator("canvas.stage:not(.waiting)").waitFor({ timeout: 60_000 });
  await expect.poll(() => lit(visitor), { timeout: 60_000 }).toBe(true);
  return visitor.page.evaluate(() => {
    const canvas = document.querySelector<HTMLCanvasElement>("canvas.stage") as HTMLCanvasElement;
    const [wide, high] = [canvas.width, canvas.height];
    const { data } = (canvas.getContext("2d") as CanvasRenderingContext2D).getImageData(wide * 0.46, high * 0.4, wide * 0.08, high * 0.08);
    const sum = [0, 0, 0];
    for (let i = 0; i < data.length; i++) if (i % 4 < 3) sum[i % 4]! += data[i]!;
    const [red, green, blue] = sum.map((value) => (value * 4) / data.length) as [number, number, number];
    return { red, green, blue };
  });
}

describe("a figure of one's own", { timeout: PATIENCE_MS }, () => {
  it("is refused with the reason where it is none", async () => {
    ada = await visit(browser, `${at.a}/w/garden`, { calm: true, viewport: DESKTOP, pace: 0 });
    await ada.inside("garden");
    await open(ada);
    const alert = panel(ada).getByRole("alert");
    await bring(ada, "me.vrm", figure({ colour: [1, 0, 0], meta: everybody, lacks: "leftLowerArm" }));
    await expect.poll(() => alert.textContent(), { timeout: 60_000 }).toContain("left lower arm");
    await bring(ada, "me.vrm", Buffer.from("this is no figure at all, whatever its name says"));
    await expect.poll(() => alert.textContent(), { timeout: 60_000 }).toContain("glTF");
    await bring(ada, "me.fbx", Buffer.from("x"));
    await expect.poll(() => alert.textContent(), { timeout: 60_000 }).toContain(".vrm or .glb");
  });

  it("asks for the right to wear it, as its licence says", async () => {
    await bring(ada, "mine.vrm", figure({ colour: [0.1, 0.1, 0.9], meta: { name: "Mine", authors: ["Ada"] } }));
    const pending = panel(ada).getByRole("region", { name: "Mine" });
    await pending.waitFor({ timeout: 60_000 });
    expect(await pending.textContent()).toContain("its author alone");
    const keep = pending.getByRole("button", { name: "Keep and wear" });
    await expect.poll(() => keep.isDisabled(), { timeout: 20_000 }).toBe(true);
    await pending.getByRole("switch", { name: "I am its author" }).click();
    await expect.poll(() => keep.isEnabled(), { timeout: 20_000 }).toBe(true);
    await pending.getByRole("button", { name: "Discard" }).click();
    await pending.waitFor({ state: "detached" });
  });

  it("is shown in the mirror before it is kept, and seen by others once it is worn", async () => {
    bo = await visit(browser, `${at.a}/w/garden`, { calm: true, pace: 0 });
    await bo.inside("garden");
    await freeze(bo, true);
    await ada.redraw(); // the figure that was discarded is not in the mirror any more
    const before = await mirror(ada);
    // The clothes that a newcomer wears are drawn by lot: the figure is of the other colour.
    const hue = ({ red, blue }: { red: number; blue: number }) => (before.red > before.blue ? blue - red : red - blue);
    await bring(ada, "ann.vrm", figure({ colour: before.red > before.blue ? [0.05, 0.05, 0.9] : [0.9, 0.05, 0.05], meta: everybody }));
    const pending = panel(ada).getByRole("region", { name: "Ann" });
    await pending.waitFor({ timeout: 60_000 });
    expect(await pending.textContent()).toContain("Excellent");
    expect(await pending.textContent()).toContain("by Bo Li");
    await expect.poll(async () => hue(await mirror(ada)), { timeout: 60_000 }).toBeGreaterThan(60);
    await picture(ada, "own-licence-desktop.png");
    expect(await axe(ada)).toEqual([]);
    await freeze(ada, false);
    await panel(ada).getByRole("radio", { name: "Wave", exact: true }).check();
    await pending.getByRole("button", { name: "Keep and wear" }).click();
    await expect.poll(() => wornBy(bo), { timeout: 60_000 }).toMatchObject({ name: "Ann", rank: "excellent", authors: ["Bo Li"] });
    await freeze(bo, false);
    await expect.poll(() => bo.ask(async (api) => (await api.own()).whole), { timeout: 90_000 }).toBe(1);
    await bo.until((api) => api.stats().fading === 0, "everybody is there");
    await picture(bo, "own-seen.png");
    await freeze(bo, false);
    await picture(ada, "own-worn-desktop.png");
    await freeze(ada, false);
    expect(await violations(ada)).toEqual([]);
    ada.clean();
    bo.clean();
  });

  it("is left out by whoever does not want to see strangers' own", async () => {
    await freeze(ada, true);
    await open(bo);
    await panel(bo).getByRole("switch", { name: "Show other people's own figures" }).click();
    await bo.page.keyboard.press("Escape");
    await expect.poll(() => bo.ask(async (api) => (await api.own()).figures), { timeout: 60_000 }).toBe(0);
    await bo.context.close();
    await freeze(ada, false);
  });

  it("is there after a restart of the host", async () => {
    await host.end("SIGTERM");
    await host.start();
    await ada.page.reload();
    await ada.inside("garden");
    expect((await ada.ask((api) => api.visitor()) as { avatar?: { name?: string } }).avatar?.name).toBe("Ann");
    await expect.poll(() => ada.ask(async (api) => (await api.own()).figures), { timeout: 90_000 }).toBe(1);
  });

  it("comes along to another host, where others see it", async () => {
    await makeAccount(ada);
    const cy = await visit(browser, `${at.b}/w/beta`, { calm: true, pace: 0 });
    await cy.inside("beta");
    await freeze(cy, true);
    await ada.page.goto(`${at.b}/w/beta?test=1&quality=low&pace=2000#home=${new URL(at.a).host}`);
    const yes = ada.page.locator("main .card button.primary");
    await yes.waitFor({ timeout: 60_000 });
    await ada.page.locator("main .card dd", { hasText: "Ann: its file goes there while you wear it" }).waitFor();
    expect(await axe(ada)).toEqual([]);
    await ada.page.screenshot({ path: join(screenshots, "own-visit.png") });
    await yes.click();
    await ada.inside("beta");
    await expect.poll(() => wornBy(cy), { timeout: 60_000 }).toMatchObject({ name: "Ann", rank: "excellent" });
    await freeze(cy, false);
    await expect.poll(() => cy.ask(async (api) => (await api.own()).whole), { timeout: 90_000 }).toBe(1);
    await cy.until((api) => api.stats().fading === 0, "everybody is there");
    await picture(cy, "own-away.png");
    const learned = (await ada.page.evaluate(`window.__manyworlds.call("travel.learned", {})`)) as { learned: { what: string; value: unknown }[] };
    expect(learned.learned.find((one) => one.what === "figure")?.value).toMatchObject({ name: "Ann" });
    cy.clean();
    await cy.context.close();
    await ada.page.goto(`${at.a}/w/garden?test=1&quality=low&pace=0`);
    await ada.inside("garden");
  });

  it.skipIf(!existsSync(join(shared, "cryptovoxels.vrm")))("may be a VRM 0 or a .glb from elsewhere", async () => {
    await open(ada);
    for (const [file, name] of [["cryptovoxels.vrm", "cryptovoxels"], ["robot-expressive.glb", ""]] as const) {
      await bring(ada, file, readFileSync(join(shared, file)));
      const pending = panel(ada).locator(".pending");
      await pending.waitFor({ timeout: 90_000 });
      if (name) expect(await pending.textContent()).toContain(name);
      else await pending.getByRole("switch").click();
      await ada.page.waitForTimeout(2500);
      await picture(ada, `own-${file.split(".")[0]}.png`);
      await freeze(ada, false);
      await pending.getByRole("button", { name: "Keep and wear" }).click();
      await pending.waitFor({ state: "detached", timeout: 60_000 });
    }
    expect((await ada.ask((api) => api.visitor()) as { avatar?: { hash: string } }).avatar?.hash).toMatch(/^[0-9a-f]{64}$/);
  });

  it("is worn on a phone, in Chinese", async () => {
    const phone = await visit(browser, `${at.a}/w/garden`, { calm: true, viewport: PHONE, phone: true, locale: "zh-CN", pace: 500 });
    await phone.inside("garden");
    await phone.page.locator(".chip.name").click();
    await phone.page.locator("#panel-name button.appearance").click();
    await panel(phone).getByRole("tab", { name: "自带", exact: true }).click();
    await panel(phone).locator(".own .drop").waitFor({ timeout: 60_000 });
    await picture(phone, "own-phone.png");
    expect(await axe(phone)).toEqual([]);
    await freeze(phone, false);
    await bring(phone, "ann.vrm", figure({ colour: [0.1, 0.6, 0.3], meta: everybody }));
    await panel(phone).locator(".pending").waitFor({ timeout: 90_000 });
    await picture(phone, "own-phone-licence.png");
    phone.clean();
    await phone.context.close();
  });
});
