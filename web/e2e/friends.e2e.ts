// Friends of two homes: asked by a code, accepted, seen where they are, written to, ended and blocked; on the page of one's home and in
// its worlds, never on another host's. Two hosts, by the ordinary command.

import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { button, makeAccount, openPanel } from "./account.ts";
import { type Host, twoHosts } from "./host.ts";
import { axe, DESKTOP, freeze, launch, PHONE, picture, visit, type Visitor } from "./visitor.ts";

let a: Host;
let b: Host;
let browser: Browser;
let ada: Visitor;
let bo: Visitor;
let at = { a: "", b: "" };
let codes = { ada: "", bo: "" };
let names = { ada: "", bo: "" };

beforeAll(async () => {
  ({ a, b, at } = await twoHosts());
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  await a?.dispose();
  await b?.dispose();
});

const PATIENCE_MS = 300_000;
const friends = (visitor: Visitor) => visitor.page.locator(".friends");
const row = (visitor: Visitor, text: string) => friends(visitor).locator("li", { hasText: text });
const nameOf = async (visitor: Visitor) => String((await visitor.ask((api) => api.visitor()))?.name);

async function newcomer(origin: string, world: string): Promise<{ who: Visitor; code: string }> {
  const who = await visit(browser, `${origin}/w/${world}`, { calm: true, viewport: DESKTOP });
  await who.inside(world);
  await makeAccount(who);
  const { account } = (await who.ask((api) => api.call("account.describe", {}))) as { account: { did: string } };
  return { who, code: account.did };
}

/** The same page on a phone's screen and on a desk's, for people to judge, and for axe. */
async function looks(visitor: Visitor, name: string): Promise<void> {
  for (const [size, viewport] of [["phone", PHONE], ["desktop", DESKTOP]] as const) {
    await visitor.page.setViewportSize(viewport);
    await visitor.page.waitForTimeout(700); // the world is drawn in its new size before it stands still
    await picture(visitor, `${name}.${size}.png`);
    expect(await axe(visitor), `${name} ${size}`).toEqual([]);
    const overflow = await friends(visitor).evaluate((body) => body.scrollWidth > body.clientWidth + 1);
    expect(overflow, `${name} ${size} is cut at the side`).toBe(false);
    await freeze(visitor, false);
  }
}

describe("friends of two homes", { timeout: PATIENCE_MS }, () => {
  it("ask by a code, are accepted, and write to each other from their own worlds", async () => {
    const first = await newcomer(at.a, "alpha");
    const second = await newcomer(at.b, "beta");
    [ada, bo, codes] = [first.who, second.who, { ada: first.code, bo: second.code }];
    names = { ada: await nameOf(ada), bo: await nameOf(bo) };
    await openPanel(ada);
    await button(ada, "Friends").click();
    await friends(ada).locator("p", { hasText: "No friends yet" }).waitFor();
    await friends(ada).locator("code", { hasText: codes.ada }).waitFor();
    // By the keyboard alone.
    await ada.page.locator("#friend-code").focus();
    await ada.page.keyboard.type(codes.bo);
    await ada.page.keyboard.press("Enter");
    await friends(ada).locator("p[role=status]", { hasText: "They have been asked" }).waitFor();
    await row(ada, codes.bo).waitFor();

    await openPanel(bo);
    await button(bo, "Friends").click();
    await row(bo, names.ada).locator("button", { hasText: "Accept" }).click();
    await row(ada, names.bo).locator("button", { hasText: "Write" }).click(); // it came by itself
    await ada.page.getByRole("textbox", { name: "Message to" }).fill("Come over!");
    await ada.page.keyboard.press("Enter");
    await friends(ada).locator(".messages .mine", { hasText: "Come over!" }).waitFor();

    await row(bo, "1 new message").locator("button", { hasText: "Write" }).click();
    await friends(bo).locator(".messages li", { hasText: "Come over!" }).waitFor();
    await bo.page.getByRole("textbox", { name: "Message to" }).fill("On my way");
    await bo.page.keyboard.press("Enter");
    await friends(ada).locator(".messages li:not(.mine)", { hasText: "On my way" }).waitFor();
    await looks(ada, "friends-talk");
    await button(ada, "Back to all friends").click();
    await row(ada, names.bo).waitFor();
    await row(ada, "new message").waitFor({ state: "detached" }); // home may only just have heard that it was read
  });

  it("are seen where they are once they say so, with a link to go there", async () => {
    await button(bo, "Back to all friends").click();
    expect(await friends(ada).locator(".place").count()).toBe(0);
    await friends(bo).locator(".check input").check();
    const place = row(ada, names.bo).locator(".place", { hasText: `In beta on ${new URL(at.b).host}` });
    await place.waitFor({ timeout: 60_000 });
    expect(await place.locator("a").getAttribute("href")).toBe(`${at.b}/w/beta`);
    await looks(ada, "friends-list");
  });

  it("are on a page of the home in Chinese, too", async () => {
    // The page is the same visitor's, and takes the place of the world's.
    await ada.page.goto(`${at.a}/friends?language=zh`, { waitUntil: "commit" });
    await row(ada, names.bo).waitFor();
    expect(await ada.page.locator("h1").textContent()).toBe("你的好友");
    await looks(ada, "friends-page.zh");
    await row(ada, names.bo).locator("button", { hasText: "写消息" }).click();
    await friends(ada).locator(".messages li", { hasText: "On my way" }).waitFor();
    // Blocked by the other meanwhile: the friendship is over here, and nothing says why.
    await row(bo, names.ada).locator("button", { hasText: "Write" }).click();
    await button(bo, "Block").click();
    await friends(bo).locator(".sure").waitFor();
    await looks(bo, "friends-block");
    await button(bo, "Block them").click();
    await friends(bo).locator("h3", { hasText: "Blocked" }).waitFor();
    await friends(ada).locator("p", { hasText: "还没有好友" }).waitFor();
    await row(bo, codes.ada).locator("button", { hasText: "Unblock" }).click();
    await row(bo, codes.ada).waitFor({ state: "detached" });
  });

  it("are not shown by a host that is not the home", async () => {
    const guest = await visit(browser, `${at.b}/friends`, { calm: true, viewport: PHONE });
    await guest.page.locator("button", { hasText: "Log in" }).waitFor();
    await picture(guest, "friends-log-in.phone.png");
    expect(await axe(guest)).toEqual([]);
  });
});
