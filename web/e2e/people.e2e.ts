// What one does about somebody who is here, from the list of people: befriends them, blocks them, lets them in again. Blocks are kept at
// home, and hide in its worlds in every browser that one is logged in with; a host is blocked with all its people.

import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { button, makeAccount, openPanel } from "./account.ts";
import { type Host, twoHosts } from "./host.ts";
import { axe, DESKTOP, freeze, launch, PHONE, picture, visit, type Visitor } from "./visitor.ts";

let a: Host;
let b: Host;
let at = { a: "", b: "" };
let browser: Browser;
let ada: Visitor;
let bo: Visitor;
let guest: Visitor;
let names = { ada: "", bo: "" };
/** How many are drawn for Bo where he is alone, or does not want to see the others. */
const ALONE = 1;

beforeAll(async () => {
  ({ a, b, at } = await twoHosts());
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  await a?.dispose();
  await b?.dispose();
});

const nameOf = async (visitor: Visitor) => String((await visitor.ask((api) => api.visitor()))?.name);
const drawn = (visitor: Visitor) => visitor.ask((api) => api.stats().avatars);
const row = (visitor: Visitor, name: string) => visitor.page.locator("#panel-world .people > li", { hasText: name });
const press = (visitor: Visitor, name: string, label: string) => row(visitor, name).getByRole("button", { name: label, exact: true }).click();

async function openPeople(visitor: Visitor, name: string): Promise<void> {
  if ((await visitor.page.locator("#panel-world").count()) === 0) await visitor.page.locator(".chip.place").click();
  await press(visitor, name, `More about ${name}`);
}

describe("somebody who is here", { timeout: 300_000 }, () => {
  it("is asked for their friendship from the list of people", async () => {
    bo = await visit(browser, `${at.b}/w/beta`, { calm: true, viewport: DESKTOP });
    await bo.inside("beta");
    await makeAccount(bo);
    ada = await visit(browser, `${at.b}/w/beta`, { calm: true });
    await ada.inside("beta");
    await makeAccount(ada);
    names = { ada: await nameOf(ada), bo: await nameOf(bo) };
    await openPeople(bo, names.ada);
    await press(bo, names.ada, `Add as friend: ${names.ada}`);
    await bo.page.locator(".notice", { hasText: `${names.ada} has been asked.` }).waitFor();
    await openPanel(ada);
    await button(ada, "Friends").click();
    await ada.page.locator(".friends li", { hasText: names.bo }).locator("button", { hasText: "Accept" }).click();
    await ada.page.locator(".friends li", { hasText: names.bo }).locator("button", { hasText: "Write" }).waitFor();
    await ada.page.keyboard.press("Escape");
  });

  it("is blocked after a second yes, and neither seen nor heard from then on", async () => {
    await expect.poll(() => drawn(bo), { timeout: 20_000 }).toBe(ALONE + 1);
    await press(bo, names.ada, `Block ${names.ada}`);
    await row(bo, names.ada).getByText(`Block ${names.ada}?`).waitFor();
    expect(await axe(bo)).toEqual([]);
    await picture(bo, "people-block.png");
    await freeze(bo, false);
    await bo.page.setViewportSize(PHONE);
    await bo.page.waitForTimeout(700);
    await picture(bo, "people-block-phone.png");
    await freeze(bo, false);
    await press(bo, names.ada, "Block them");
    await row(bo, names.ada).locator(".mark", { hasText: "blocked" }).waitFor();
    await expect.poll(() => drawn(bo), { timeout: 20_000 }).toBe(ALONE);
    await ada.say("Can you hear me?");
    await bo.until((api) => api.chat().some((message) => message.text === "Can you hear me?"), "the bytes arrive");
    await bo.page.keyboard.press("Escape");
    await bo.page.keyboard.press("Enter");
    expect(await bo.page.locator(".history").textContent()).not.toContain("Can you hear me?");
    await bo.page.keyboard.press("Escape");
    expect((await ada.ask((api) => api.people())).some((person) => person.name === names.bo), "she is not told").toBe(true);
  });

  it("stays so, since home keeps it and not the browser, until they are let in again", async () => {
    await bo.page.evaluate(() => localStorage.removeItem("manyworlds.hidden"));
    await bo.page.reload();
    await bo.inside("beta");
    await openPeople(bo, names.ada);
    await row(bo, names.ada).locator(".mark", { hasText: "blocked" }).waitFor();
    await bo.until((api) => api.avatars().length === 1, "Ada's bytes arrive");
    await bo.redraw();
    await expect.poll(() => drawn(bo), { timeout: 20_000 }).toBe(ALONE);
    await press(bo, names.ada, `Unblock ${names.ada}`);
    await expect.poll(() => drawn(bo), { timeout: 20_000 }).toBe(ALONE + 1);
    await row(bo, names.ada).locator(".mark", { hasText: "blocked" }).waitFor({ state: "detached" });
  });

  it("from a host that is blocked is left out with all its people", async () => {
    const host = new URL(at.a).host;
    // Three windows at once are more than a processor draws in time.
    await freeze(ada, true);
    await freeze(bo, true);
    guest = await visit(browser, `${at.a}/w/alpha`, { calm: true });
    await guest.inside("alpha");
    await makeAccount(guest);
    const cy = await nameOf(guest);
    await freeze(bo, false);
    await bo.page.evaluate(`window.__manyworlds.call("friend.block", { who: ${JSON.stringify(host)} })`);
    await guest.page.goto(`${at.b}/w/beta?test=1&quality=low&pace=2000#home=${host}`);
    await guest.page.locator("main .card button.primary").click({ timeout: 60_000 });
    await guest.inside("beta");
    await openPeople(bo, cy);
    await row(bo, cy).locator(".mark", { hasText: "blocked" }).waitFor();
    await row(bo, cy).getByText(`All people of ${host} are blocked.`).waitFor();
    await bo.until((api) => api.avatars().length === 2, "Cy's bytes arrive");
    await bo.redraw();
    await expect.poll(() => drawn(bo), { timeout: 20_000, message: "Ada and himself" }).toBe(ALONE + 1);
  });

  it("is dealt with at one's home by whoever is from elsewhere", async () => {
    await freeze(bo, true);
    await openPeople(guest, names.bo);
    const link = row(guest, names.bo).locator("a", { hasText: new URL(at.a).host });
    expect(await link.getAttribute("href")).toBe(`${at.a}/friends`);
    expect(await axe(guest)).toEqual([]);
    for (const visitor of [ada, bo, guest]) visitor.clean();
    await Promise.all([ada, bo, guest].map((visitor) => visitor.context.close()));
  });
});
