// The main thing: two people walk in, see each other move, talk, and go through a portal and back.

import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Host, startHost } from "./host.ts";
import { axe, freeze, launch, picture, violations, visit, type Visitor } from "./visitor.ts";

let host: Host;
let browser: Browser;
let ada: Visitor;
let bo: Visitor;

beforeAll(async () => {
  host = await startHost();
  browser = await launch();
  ada = await visit(browser, `${host.origin}/w/plaza`);
  bo = await visit(browser, `${host.origin}/w/plaza`);
  await Promise.all([ada.inside("plaza"), bo.inside("plaza")]);
});
afterAll(async () => {
  await browser?.close();
  await host?.dispose();
});

async function seenBy(viewer: Visitor, entity: number) {
  const avatars = await viewer.ask((api) => api.avatars());
  return avatars.find((avatar) => avatar.entity === entity) ?? null;
}

async function sees(walker: Visitor, viewer: Visitor): Promise<void> {
  const { entity } = (await walker.ask((api) => api.self())) ?? { entity: 0 };
  await expect.poll(() => seenBy(viewer, entity), { timeout: 30_000 }).not.toBeNull();
  await walker.walkSome(1);
  // Where the other sees one is where one is.
  await expect
    .poll(async () => {
      const [seen, self] = [await seenBy(viewer, entity), await walker.ask((api) => api.self())];
      return seen && self ? Math.hypot(seen.x - self.x, seen.y - self.y, seen.z - self.z) : 99;
    }, { timeout: 30_000 })
    .toBeLessThan(0.1);
}

describe("two visitors", () => {
  it("have suggested names, and each is on the other's list", async () => {
    const name = (await ada.ask((api) => api.visitor()))?.name ?? "";
    expect(name.length).toBeGreaterThan(2);
    await bo.until((api) => api.people().filter((person) => !person.simulated).length === 2, "two people");
    const names = await bo.ask((api) => api.people().map((person) => person.name));
    expect(names).toContain(name);
    await ada.until((api) => api.people().some((person) => person.simulated), "simulated people");
  });

  it("see each other walk", async () => {
    await sees(ada, bo);
    await sees(bo, ada);
  });

  it("talk, both ways", async () => {
    await ada.say("Hello, Bo");
    await bo.until((api) => api.chat().some((message) => message.text === "Hello, Bo"), "the greeting");
    await bo.page.locator(".badge").waitFor();
    await bo.say("你好，Ada");
    await ada.until((api) => api.chat().some((message) => message.text === "你好，Ada"), "the answer");
    await ada.page.locator(".recent, .history", { hasText: "你好，Ada" }).first().waitFor();
    await bo.page.keyboard.press("Escape");
    await ada.page.keyboard.press("Escape");
  });

  it("can be hidden by one another, for oneself alone, and shown again", async () => {
    const name = (await ada.ask((api) => api.visitor()))?.name ?? "";
    const drawn = () => bo.ask((api) => api.stats().avatars);
    // The simulated people, Ada and himself: who walks in fades in, and the last picture may be an old one.
    await bo.until((api) => api.stats().avatars === api.people().length, "everybody is drawn");
    const before = await drawn();
    await bo.page.locator(".chip.place").click();
    const button = (label: string) => bo.page.locator("#panel-world li", { hasText: name }).getByRole("button", { name: label });
    await button(`More about ${name}`).click();
    await button(`Hide ${name}`).click();
    await expect.poll(drawn, { timeout: 20_000 }).toBe(before - 1);
    expect(await axe(bo)).toEqual([]);
    await freeze(bo, false);
    await picture(bo, "hidden.png");
    await freeze(bo, false);
    await ada.say("Can you hear me?");
    await bo.until((api) => api.chat().some((message) => message.text === "Can you hear me?"), "the bytes arrive");
    await bo.page.keyboard.press("Escape");
    await bo.page.keyboard.press("Enter");
    expect(await bo.page.locator(".history").textContent()).not.toContain("Can you hear me?");
    await bo.page.keyboard.press("Escape");
    await bo.page.reload();
    await bo.inside("plaza");
    await bo.page.locator(".chip.place").click();
    await bo.until((api) => api.avatars().length === api.people().length - 1, "everybody's bytes arrive");
    await expect.poll(drawn, { timeout: 20_000, message: "it is remembered" }).toBe(before - 1);
    await button(`More about ${name}`).click();
    await button(`Show ${name} again`).click();
    await expect.poll(drawn, { timeout: 20_000 }).toBe(before);
    await bo.page.keyboard.press("Escape");
    await ada.page.keyboard.press("Escape");
  });

  it("jump and make gestures that the other sees", async () => {
    await ada.page.locator("canvas.view").focus();
    await ada.page.keyboard.press("Digit1");
    const { entity } = (await ada.ask((api) => api.self())) ?? { entity: 0 };
    await expect.poll(async () => (await seenBy(bo, entity))?.animation, { timeout: 30_000 }).toBe(4);
    await ada.page.keyboard.press("Space");
    await expect.poll(async () => (await seenBy(bo, entity))?.animation, { timeout: 30_000 }).not.toBe(4);
  });

  it("change their names, and the other sees it", async () => {
    await ada.page.locator(".chip.name").click();
    await ada.page.locator("#name-field").fill("Ada Lovelace");
    await ada.page.locator("#name-field").press("Enter");
    await bo.until((api) => api.people().some((person) => person.name === "Ada Lovelace"), "the new name");
  });

  it("go through a portal to the second world and back, on the same page", async () => {
    await ada.page.evaluate(() => ((window as unknown as { __same: boolean }).__same = true));
    await ada.page.locator(".chip.place").click();
    await ada.page.locator("button.row", { hasText: "Garden" }).first().click();
    await ada.inside("garden");
    expect(new URL(ada.page.url()).pathname).toBe("/w/garden");
    await bo.until((api) => !api.people().some((person) => person.name === "Ada Lovelace"), "Ada has left");
    await ada.until((api) => api.people().some((person) => person.name === "Ada Lovelace"), "the list of the garden");
    const portal = await ada.ask((api) => api.detail()?.portals.find((item) => "world" in item.to && item.to.world === "plaza") ?? null);
    expect(portal).not.toBeNull();
    await ada.ask((api) => api.travel("plaza"));
    await ada.inside("plaza");
    expect(await ada.page.evaluate(() => (window as unknown as { __same?: boolean }).__same)).toBe(true);
    await bo.until((api) => api.people().some((person) => person.name === "Ada Lovelace"), "Ada is back");
    await ada.page.goBack();
    await ada.inside("garden");
  });

  it("broke no policy and made no error", async () => {
    for (const visitor of [ada, bo]) {
      expect(await violations(visitor)).toEqual([]);
      visitor.clean();
    }
  });

  it("are gone soon after they close the page", async () => {
    await ada.ask((api) => api.travel("plaza"));
    await ada.inside("plaza");
    await bo.until((api) => api.people().some((person) => person.name === "Ada Lovelace"), "Ada is here");
    await ada.page.close();
    // Five seconds of grace, which a page that is loaded again does not need; far less than after a lost link.
    await bo.until((api) => !api.people().some((person) => person.name === "Ada Lovelace"), "Ada has left");
  });
});
