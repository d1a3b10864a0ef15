// Dressing: opened and used by the keyboard, seen in the mirror at once and by others when it is saved, and outfits that are kept.

import type { Browser } from "playwright-core";
import type { Appearance } from "@manyworlds/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Host, oneWorld, startHost } from "./host.ts";
import { axe, freeze, launch, lit, PHONE, picture, violations, visit, type Visitor } from "./visitor.ts";

let host: Host;
let browser: Browser;
let ada: Visitor;
let bo: Visitor;

const DESK = { width: 1280, height: 800 };
/** Of the kit's clothes. */
const [RED, SKY] = [3, 8];
const PATIENCE_MS = 300_000;

beforeAll(async () => {
  host = await startHost({ worlds: oneWorld("garden", {}) });
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  await host?.dispose();
});

const panel = (visitor: Visitor) => visitor.page.locator("#panel-appearance");
const tab = (visitor: Visitor, name: string) => panel(visitor).getByRole("tab", { name, exact: true });
const focused = (visitor: Visitor) =>
  visitor.page.evaluate(() => {
    const at = document.activeElement;
    return at?.getAttribute("aria-label") ?? at?.closest("label")?.textContent ?? at?.textContent ?? "";
  });

/** Tab until the focus is on what has this name. */
async function tabTo(visitor: Visitor, name: string): Promise<void> {
  const passed: string[] = [];
  for (let i = 0; i < 20; i++) {
    await visitor.page.keyboard.press("Tab");
    passed.push(await focused(visitor));
    if (passed.at(-1) === name) return;
  }
  throw new Error(`Tab does not reach ${name}, but ${passed.join(" | ")}`);
}

interface Seen {
  /** Mean colour of the mirror's middle. */
  red: number;
  blue: number;
  /** The whole of it, coarsely: how sharply it is drawn follows the machine's speed. */
  cells: number[];
}

/** What the mirror shows; there once the scene has drawn into it. */
async function mirror(visitor: Visitor): Promise<Seen> {
  await panel(visitor).locator("canvas.stage:not(.waiting)").waitFor();
  await expect.poll(() => lit(visitor), { timeout: 60_000 }).toBe(true);
  return visitor.page.evaluate(() => {
    const canvas = document.querySelector<HTMLCanvasElement>("canvas.stage") as HTMLCanvasElement;
    const coarse = new OffscreenCanvas(24, 40).getContext("2d") as OffscreenCanvasRenderingContext2D;
    coarse.imageSmoothingQuality = "high";
    coarse.drawImage(canvas, 0, 0, 24, 40);
    const [wide, high] = [canvas.width, canvas.height];
    const { data } = (canvas.getContext("2d") as CanvasRenderingContext2D).getImageData(wide * 0.45, high * 0.38, wide * 0.1, high * 0.1);
    let [red, blue] = [0, 0];
    for (let i = 0; i < data.length; i += 4) [red, blue] = [red + (data[i] ?? 0), blue + (data[i + 2] ?? 0)];
    return { red: (red * 4) / data.length, blue: (blue * 4) / data.length, cells: [...coarse.getImageData(0, 0, 24, 40).data] };
  });
}

/** In how many of the 960 cells two pictures differ so that one sees it. */
function apart(a: Seen, b: Seen): number {
  let cells = 0;
  for (let i = 0; i < a.cells.length; i += 4) {
    const far = [0, 1, 2].reduce((sum, k) => sum + Math.abs((a.cells[i + k] ?? 0) - (b.cells[i + k] ?? 0)), 0);
    if (far > 40) cells++;
  }
  return cells;
}
const ALIKE = 4;

/** The mirror, once what has come so far is drawn and nothing moves in it any more: it goes on to where it looks for a while. */
async function settled(visitor: Visitor): Promise<Seen> {
  const look = async () => {
    await visitor.redraw();
    return mirror(visitor);
  };
  let last = await look();
  for (const from = Date.now(); Date.now() - from < 60_000; ) {
    await visitor.page.waitForTimeout(400);
    const next = await look();
    if (apart(next, last) === 0) return next;
    last = next;
  }
  throw new Error("the mirror does not come to rest");
}

/** The mirror, once it shows something else than before. */
async function changed(visitor: Visitor, before: Seen): Promise<Seen> {
  await expect.poll(async () => apart(await mirror(visitor), before), { timeout: 30_000 }).toBeGreaterThan(ALIKE);
  return settled(visitor);
}

/** Mean red and blue of the back of the only other person, as they are drawn in the world. */
async function backOf(watcher: Visitor): Promise<{ red: number; blue: number }> {
  const label = (await watcher.ask((api) => api.labels().find((one) => one.kind === "person"))) as { x: number; y: number; distance: number } | undefined;
  if (!label) throw new Error("nobody is in the picture");
  const { height } = watcher.page.viewportSize() ?? DESK;
  const metre = height / (2 * Math.tan((75 * Math.PI) / 360) * label.distance);
  const clip = { x: label.x - 0.06 * metre, y: label.y + 0.62 * metre, width: Math.max(0.12 * metre, 2), height: Math.max(0.15 * metre, 2) };
  const png = (await watcher.page.screenshot({ clip })).toString("base64");
  return watcher.page.evaluate(async (text) => {
    const bitmap = await createImageBitmap(new Blob([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))]));
    const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d") as OffscreenCanvasRenderingContext2D;
    context.drawImage(bitmap, 0, 0);
    const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
    let [red, blue] = [0, 0];
    for (let i = 0; i < data.length; i += 4) [red, blue] = [red + (data[i] ?? 0), blue + (data[i + 2] ?? 0)];
    return { red: (red * 4) / data.length, blue: (blue * 4) / data.length };
  }, png);
}

/** How the host tells the watcher that the other one looks. */
const seenBy = async (watcher: Visitor): Promise<Partial<Appearance>> => {
  const own = (await watcher.ask((api) => api.self()))?.entity;
  return (await watcher.ask((api) => api.people())).find((person) => person.entity !== own)?.appearance ?? {};
};

/** How the host tells somebody that they look themselves: others may be on the list, and before them. */
const seenOf = (visitor: Visitor) => visitor.ask((api) => api.people().find((person) => person.entity === api.self()?.entity)?.appearance);

async function open(visitor: Visitor): Promise<void> {
  await visitor.page.locator(".chip.name").click();
  await visitor.page.locator("#panel-name button.appearance").click();
  await panel(visitor).locator("canvas.stage:not(.waiting)").waitFor();
}

async function choose(visitor: Visitor, group: string, name: string): Promise<void> {
  await panel(visitor).getByRole("group", { name: group }).getByRole("radio", { name, exact: true }).check();
}

describe("the wardrobe", { timeout: PATIENCE_MS }, () => {
  it("is opened by the keyboard, and shows at once what is tried on", async () => {
    ada = await visit(browser, `${host.origin}/w/garden`, { calm: true, viewport: { width: 900, height: 600 }, pace: 0 });
    await ada.inside("garden");
    const { page } = ada;
    await page.locator("canvas.view").focus();
    const name = (await ada.ask((api) => api.visitor()))?.name ?? "";
    await tabTo(ada, `Your name: ${name}. Change it`);
    await page.keyboard.press("Enter");
    await page.locator("#name-field:focus").waitFor();
    await tabTo(ada, "Change your appearance");
    await page.keyboard.press("Enter");
    await mirror(ada);
    expect(await focused(ada)).toBe("Close");
    const still = await settled(ada);
    await page.waitForTimeout(1000);
    await ada.redraw();
    expect(apart(await mirror(ada), still), "nothing moves for who wants no motion").toBeLessThanOrEqual(ALIKE);
    const corner: Seen = { ...still, cells: still.cells.map((_, i) => still.cells[i % 4] ?? 0) };
    expect(apart(still, corner), "somebody stands there, and not the backdrop alone").toBeGreaterThan(60);

    await tabTo(ada, "Turn yourself round");
    const yaw = await ada.ask((api) => api.cameraYaw());
    for (let i = 0; i < 4; i++) await page.keyboard.press("ArrowRight");
    const turned = await changed(ada, still);
    expect(await panel(ada).getByRole("slider", { name: "Turn yourself round" }).getAttribute("aria-valuetext")).toMatch(/turned by \d+ degrees/);
    await tabTo(ada, "Body");
    await page.keyboard.press("ArrowRight");
    expect(await focused(ada)).toBe("Hair");
    expect(await ada.ask((api) => api.cameraYaw()), "the world's camera stays").toBe(yaw);
    await changed(ada, turned);
    // Under a hat several shapes of hair are the same.
    await choose(ada, "Hat", "None");
    await choose(ada, "Hair", "Long"); // a newcomer's is drawn by lot, and some shapes are much like the next
    await tab(ada, "Hair").focus();
    const head = await settled(ada);
    // A group of radio buttons is one stop; arrows go on from what one wears.
    await page.keyboard.press("Tab");
    const hair = await focused(ada);
    await page.keyboard.press("ArrowRight");
    expect(await focused(ada)).not.toBe(hair);
    const cut = await changed(ada, head);
    await panel(ada).getByRole("button", { name: "Undo" }).click();
    expect(apart(await changed(ada, cut), head), "back as it was").toBeLessThanOrEqual(ALIKE);
  });

  it("is seen by others when it is saved, and not before", async () => {
    await choose(ada, "Hair", "Short");
    await choose(ada, "Hat", "None");
    await tab(ada, "Top").click();
    await choose(ada, "Top", "T-shirt");
    for (const what of ["Jacket", "Scarf"]) await panel(ada).getByRole("switch", { name: what }).uncheck();
    await choose(ada, "Colour of the top", "Red");
    await expect.poll(async () => (await mirror(ada)).red - (await mirror(ada)).blue, { timeout: 30_000 }).toBeGreaterThan(40);
    await panel(ada).getByRole("button", { name: "Save" }).click();
    await ada.page.locator(".notice", { hasText: "how everybody sees you" }).waitFor();
    await panel(ada).waitFor({ state: "detached" });
    expect(await ada.page.evaluate(() => document.activeElement?.className), "keys walk again").toBe("view");

    await ada.walkSome(4.5);
    bo = await visit(browser, `${host.origin}/w/garden`, { calm: true, viewport: { width: 640, height: 480 }, pace: 0 });
    await bo.inside("garden");
    await bo.ask((api) => api.setCamera({ mode: "first" }));
    await bo.until((api) => api.labels().some((label) => label.kind === "person") && api.stats().fading === 0, "Ada stands before Bo");
    await expect.poll(() => seenBy(bo), { timeout: 20_000 }).toMatchObject({ top: 0, top_colour: RED, hair: 0, hat: 0, jacket: 0, scarf: 0 });
    await expect
      .poll(async () => {
        const now = await backOf(bo);
        return now.red - now.blue;
      }, { timeout: 30_000 })
      .toBeGreaterThan(25);

    await open(ada);
    await tab(ada, "Top").click();
    const before = await mirror(ada);
    await choose(ada, "Top", "Long sleeves");
    await choose(ada, "Colour of the top", "Sky blue");
    const after = await changed(ada, before);
    expect(after.blue - after.red).toBeGreaterThan(25);
    await bo.page.waitForTimeout(1000);
    expect(await seenBy(bo)).toMatchObject({ top: 0, top_colour: RED });
    await panel(ada).getByRole("button", { name: "Save" }).click();
    await expect.poll(() => seenBy(bo), { timeout: 20_000 }).toMatchObject({ top: 1, top_colour: SKY });
    await expect
      .poll(async () => {
        const now = await backOf(bo);
        return now.blue - now.red;
      }, { timeout: 30_000 })
      .toBeGreaterThan(10);
    await picture(bo, "wardrobe-seen.png");
    await bo.context.close();
  });

  it("forgets what was tried on and not saved", async () => {
    await open(ada);
    await expect.poll(() => seenOf(ada), { timeout: 20_000 }).toMatchObject({ top: 1, top_colour: SKY });
    const worn = await seenOf(ada);
    await panel(ada).getByRole("button", { name: "Surprise me" }).click();
    await expect.poll(() => panel(ada).getByRole("button", { name: "Save" }).isEnabled(), { timeout: 20_000 }).toBe(true);
    await panel(ada).getByRole("button", { name: "Cancel" }).click();
    await panel(ada).waitFor({ state: "detached" });
    await ada.ask((api) => api.call("visitor.outfits", {})); // the host has answered whatever was sent before
    expect(await seenOf(ada)).toEqual(worn);
    await open(ada);
    expect(await panel(ada).getByRole("button", { name: "Save" }).isEnabled()).toBe(false);
    await ada.page.keyboard.press("Escape");
  });

  it("keeps outfits over a reload, and one tap wears them", async () => {
    await open(ada);
    await tab(ada, "Outfits").click();
    await panel(ada).getByRole("button", { name: "Keep this look" }).click();
    const name = panel(ada).getByLabel("Name of this outfit");
    await name.fill("Sea");
    await name.press("Enter");
    await panel(ada).getByRole("button", { name: "Wear Sea" }).waitFor();
    await panel(ada).getByRole("button", { name: "Surprise me" }).click();
    await panel(ada).getByRole("button", { name: "Keep this look" }).click();
    await panel(ada).getByRole("button", { name: "Wear Outfit 2" }).waitFor();
    await panel(ada).getByRole("button", { name: "Save", exact: true }).last().click();
    await panel(ada).waitFor({ state: "detached" });
    // The host's answer closes the panel; what everybody sees comes a little later. The new colour is never the old one.
    await expect.poll(async () => (await seenOf(ada))?.top_colour ?? SKY, { timeout: 20_000 }).not.toBe(SKY);

    await ada.page.reload({ waitUntil: "commit" });
    await ada.inside("garden");
    await open(ada);
    await tab(ada, "Outfits").click();
    await expect.poll(() => panel(ada).getByRole("button", { name: "Wear Outfit 2" }).getAttribute("aria-pressed"), { timeout: 20_000 }).toBe("true");
    await panel(ada).getByRole("button", { name: "Wear Sea" }).click();
    await ada.page.locator(".notice", { hasText: "You wear Sea now." }).waitFor();
    await expect.poll(() => seenOf(ada), { timeout: 20_000 }).toMatchObject({ top: 1, top_colour: SKY });
    await panel(ada).getByRole("button", { name: "Remove Sea" }).click();
    await panel(ada).getByRole("button", { name: "Wear Sea" }).waitFor({ state: "detached" });
    expect(await ada.ask((api) => api.call("visitor.outfits", {}))).toMatchObject({ outfits: [{ number: 2 }], most: 8 });
    expect(await violations(ada)).toEqual([]);
    ada.clean();
    await ada.context.close();
  });
});

const TABS = { en: ["Body", "Hair", "Top", "Legs", "Outfits"], zh: ["身形", "头发", "上装", "下装", "套装"] } as const;

describe.each([
  { size: "desktop", viewport: DESK, phone: false },
  { size: "phone", viewport: PHONE, phone: true },
])("on a $size", ({ size, viewport, phone }) => {
  it.each([
    { tongue: "en", locale: "en-US" },
    { tongue: "zh", locale: "zh-CN" },
  ] as const)("is for everyone in $tongue", { timeout: PATIENCE_MS }, async ({ tongue, locale }) => {
    const visitor = await visit(browser, `${host.origin}/w/garden`, { viewport, phone, locale, calm: true, pace: 500 });
    await visitor.inside("garden");
    await visitor.page.locator(".chip.name").click();
    await visitor.page.locator("#panel-name").waitFor();
    expect(await axe(visitor), "profile").toEqual([]);
    await picture(visitor, `profile.${size}.${tongue}.png`);
    await freeze(visitor, false);
    await visitor.page.locator("#panel-name button.appearance").click();
    await panel(visitor).locator("canvas.stage:not(.waiting)").waitFor();
    for (const [i, name] of TABS[tongue].entries()) {
      await tab(visitor, name).click();
      if (i === 4) {
        await panel(visitor).locator(".outfits > button").click();
        await panel(visitor).locator(".outfits li").waitFor();
      }
      await visitor.page.waitForTimeout(1200); // the mirror follows
      expect(await axe(visitor), name).toEqual([]);
      const box = await panel(visitor).evaluate((element) => {
        const page = element.querySelector(".page") as HTMLElement;
        const small = [...element.querySelectorAll<HTMLElement>("button, input:not([role=switch]), canvas")]
          .map((one) => ({ name: one.getAttribute("aria-label") ?? one.textContent, box: one.getBoundingClientRect() }))
          .filter((one) => one.box.width < 43.5 || one.box.height < 43.5)
          .map((one) => one.name);
        return { cut: page.scrollWidth > page.clientWidth, small };
      });
      expect(box, name).toEqual({ cut: false, small: [] });
      await picture(visitor, `wardrobe-${i}.${size}.${tongue}.png`);
      await freeze(visitor, false);
    }
    expect(await violations(visitor)).toEqual([]);
    visitor.clean();
    await visitor.context.close();
  });
});
