// Two hosts that witness one another, by the ordinary command: a person takes a thing of theirs along, it is seen in their hand on
// the other side and nowhere else.

import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeAccount } from "./account.ts";
import { type Host, twoHosts, witnessInTurn } from "./host.ts";
import { titled } from "./titles.ts";
import { axe, freeze, launch, picture, visit, type Visitor } from "./visitor.ts";

let a: Host;
let b: Host;
let browser: Browser;
let at = { a: "", b: "" };

beforeAll(async () => {
  ({ a, b, at } = await twoHosts());
  await witnessInTurn({ hosts: { a, b }, at });
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  await a?.dispose();
  await b?.dispose();
});

describe("a thing that travels with its person", { timeout: 300_000 }, () => {
  let ada: Visitor;
  let bo: Visitor;
  let cy: Visitor;
  const card = () => ada.page.locator("main .card");
  const panel = () => ada.page.locator("#panel-gestures");

  it("is made theirs at home", async () => {
    bo = await visit(browser, `${at.b}/w/beta`, { calm: true });
    await bo.inside("beta");
    cy = await visit(browser, `${at.a}/w/alpha`, { calm: true });
    await cy.inside("alpha");
    ada = await visit(browser, `${at.a}/w/alpha`, { calm: true });
    await ada.inside("alpha");
    await ada.page.locator(".chip.name").click();
    await ada.page.locator("#name-field").fill("Ada");
    await ada.page.locator("#name-field").press("Enter");
    await makeAccount(ada);
    await titled(ada, "The red crate", 3);
    await cy.until((api) => api.things().length === 1, "everybody sees it at home");
  });

  it("is chosen by name where the person says what may be told", async () => {
    await ada.page.locator("canvas.view").focus();
    await ada.page.keyboard.down("KeyW");
    await ada.page.locator("dialog.card").waitFor();
    await ada.page.keyboard.up("KeyW");
    await ada.page.locator("dialog.card a.primary").click();
    await card().locator(".things", { hasText: "The red crate" }).waitFor({ timeout: 60_000 });
    expect(await card().locator(".things").textContent()).toContain("At most 64");
    await card().locator(".things .check", { hasText: "The red crate" }).locator("input").check();
    expect(await axe(ada)).toEqual([]);
    await ada.page.screenshot({ path: "../../build/screenshots/carried-told.png" });
    for (const visitor of [bo, cy]) await freeze(visitor, true); // their pictures are not what is measured
    const from = Date.now();
    await card().locator("button.primary").click();
    await ada.inside("beta");
    const inside = Date.now() - from;
    await ada.until((api) => api.visitor()?.name === "Ada" && api.visitor()?.home !== undefined, "she is herself");
    await ada.until((api) => api.people().some((person) => person.name === "Ada" && person.carried?.length === 1), "her thing has come", 60_000);
    console.log(`note: arrival in the browser: inside and herself after ${inside} ms, her thing after ${Date.now() - from} ms`);
    for (const visitor of [bo, cy]) await freeze(visitor, false);
  });

  it("is gone at home, and named with its person on the other side", async () => {
    await cy.until((api) => api.things().length === 0, "it is away");
    await bo.until((api) => api.people().some((person) => person.name === "Ada" && person.carried?.[0]?.name === "The red crate"), "it has come", 60_000);
    await bo.page.locator(".chip.place").click();
    await bo.page.locator("#panel-world li", { hasText: "Ada" }).locator(".mark.thing", { hasText: "The red crate" }).waitFor();
    expect(await axe(bo)).toEqual([]);
    await freeze(bo, false);
    await bo.page.keyboard.press("Escape");
  });

  it("is taken in hand, and seen there", async () => {
    await ada.page.locator('.tool[aria-label="Gestures"]').click();
    await panel().locator(".brought li", { hasText: "The red crate" }).locator("button", { hasText: "Take in hand" }).click();
    await panel().locator("button", { hasText: "Put away" }).waitFor();
    expect(await panel().textContent()).toContain(new URL(at.a).host);
    await bo.until((api) => api.people().some((person) => person.carried?.[0]?.in_hand), "others know");
    await bo.until((api) => api.stats().held === 1, "others see it", 60_000);
    await ada.until((api) => api.stats().held === 1, "she sees it herself", 60_000);
    expect(await axe(ada)).toEqual([]);
    await freeze(ada, false);
    await ada.page.keyboard.press("Escape");
    await picture(ada, "carried-in-hand.png");
    await picture(bo, "carried-seen.png");
    for (const visitor of [ada, bo]) await freeze(visitor, false);
    await ada.page.locator('.tool[aria-label="Gestures"]').click();
    await panel().locator("button", { hasText: "Put away" }).click();
    await bo.until((api) => api.stats().held === 0, "put away");
  });

  it("comes back by itself: its home tells where it is, and for how long", async () => {
    for (const visitor of [ada, bo, cy]) visitor.clean();
    const title = (await cy.page.evaluate(`window.__manyworlds.call("title.show", { asset: ${JSON.stringify((await ada.ask((api) => api.people().find((person) => person.carried)?.carried?.[0]))?.asset)} })`)) as { lease?: { host: string; from_s: number; until_s: number } };
    expect(title.lease?.host).toBe(`did:web:${new URL(at.b).host.replace(":", "%3A")}`);
    expect((title.lease?.until_s ?? 0) - (title.lease?.from_s ?? 0)).toBe(600);
    await Promise.all([ada, bo, cy].map((visitor) => visitor.context.close()));
  });
});
