// A link that leads to somebody's side: made in the panel, followed by another, and followed when its maker has gone.

import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Host, oneWorld, startHost } from "./host.ts";
import { axe, freeze, launch, PHONE, picture, visit, type Visitor } from "./visitor.ts";

let host: Host;
let browser: Browser;
let ada: Visitor;
let link = "";

beforeAll(async () => {
  host = await startHost({ worlds: oneWorld("garden", {}) });
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  await host?.dispose();
});

const selfOf = async (visitor: Visitor) => {
  const self = await visitor.ask((api) => api.self());
  if (!self) throw new Error("not inside");
  return self;
};
async function apart(a: Visitor, b: Visitor): Promise<number> {
  const [one, other] = [await selfOf(a), await selfOf(b)];
  return Math.hypot(one.x - other.x, one.z - other.z);
}
const PATIENCE_MS = 200_000;

describe("an invitation", { timeout: PATIENCE_MS }, () => {
  it("is made in the panel, by the keyboard", async () => {
    ada = await visit(browser, `${host.origin}/w/garden`, { calm: true, viewport: { width: 640, height: 480 } });
    await ada.inside("garden");
    await ada.walkSome(6);
    await ada.page.locator('.tool[aria-label="Share the link"]').focus();
    await ada.page.keyboard.press("Enter");
    const field = ada.page.locator("#share-link");
    await field.waitFor();
    expect(await field.inputValue()).toBe(`${host.origin}/w/garden`);
    await ada.page.getByRole("switch", { name: "Lead them to my side" }).focus();
    await ada.page.keyboard.press("Space");
    await expect.poll(() => field.inputValue(), { timeout: 20_000 }).toContain("#beside=i1.");
    link = await field.inputValue();
    for (const [size, viewport] of [["phone", PHONE], ["desktop", { width: 1280, height: 800 }]] as const) {
      await ada.page.setViewportSize(viewport);
      await ada.page.waitForTimeout(700);
      expect(await axe(ada), size).toEqual([]);
      await picture(ada, `share-beside.${size}.png`);
      await freeze(ada, false);
    }
    await ada.page.setViewportSize({ width: 640, height: 480 });
    await ada.page.keyboard.press("Escape");
  });

  it("leads to the side of who made it", async () => {
    const name = (await ada.ask((api) => api.visitor()))?.name ?? "";
    const bo = await visit(browser, link, { calm: true });
    // Asked for from the beginning: a notice passes, also while a slow machine answers other questions.
    await Promise.all([bo.inside("garden"), bo.page.locator(".notice", { hasText: `You are beside ${name}.` }).waitFor({ timeout: 60_000 })]);
    expect(await apart(ada, bo)).toBeLessThan(2.1);
    expect(await apart(ada, bo)).toBeGreaterThan(0.6);
    expect(new URL(bo.page.url()).hash, "is used once").toBe("");
    bo.clean();
    await bo.context.close();
    const cy = await visit(browser, `${host.origin}/w/garden`, { calm: true });
    await cy.inside("garden");
    expect(await apart(ada, cy), "who follows the usual link comes where everybody does").toBeGreaterThan(3);
    await cy.context.close();
  });

  it("says so, in one's language, when nobody is there any more", async () => {
    await ada.ask((api) => api.call("world.leave", {}));
    const bo = await visit(browser, link, { calm: true, locale: "zh-CN" });
    await Promise.all([bo.inside("garden"), bo.page.locator(".notice", { hasText: "现在去不了邀请你的人身边" }).waitFor({ timeout: 60_000 })]);
    bo.clean();
    await bo.context.close();
    await ada.context.close();
  });
});
