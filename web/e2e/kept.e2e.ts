// What travel keeps, as its person sees it: the hosts that are told without asking, what another host has learned, and having it
// forgotten. Two hosts, by the ordinary command.

import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { authenticator, button, makeAccount, openPanel } from "./account.ts";
import { type Host, twoHosts } from "./host.ts";
import { axe, DESKTOP, freeze, launch, PHONE, picture, violations, visit, type Visitor } from "./visitor.ts";

let a: Host;
let b: Host;
let browser: Browser;
let ada: Visitor;
let at = { a: "", b: "" };

beforeAll(async () => {
  ({ a, b, at } = await twoHosts());
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  await a?.dispose();
  await b?.dispose();
});

const panel = (visitor: Visitor) => visitor.page.locator("#panel-account");
const heading = (visitor: Visitor, text: string) => panel(visitor).locator("h3", { hasText: text });

/** Goes to the other host by the gate; at home, says yes and "do not ask again". */
async function walkOver(visitor: Visitor, remember: boolean): Promise<void> {
  await visitor.page.locator("canvas.view").focus();
  await visitor.page.keyboard.down("KeyW");
  await visitor.page.locator("dialog.card").waitFor();
  await visitor.page.keyboard.up("KeyW");
  await visitor.page.locator("dialog.card a.primary").click();
  const told = visitor.page.locator("main .card");
  await told.locator("h1", { hasText: new URL(at.b).host }).waitFor({ timeout: 60_000 });
  if (remember) await told.locator(".check input").check();
  await told.locator("button.primary").click();
  await visitor.inside("beta");
}

/** The same page on a phone's screen and on a desk's, for people to judge, and for axe. */
async function looks(visitor: Visitor, name: string): Promise<void> {
  for (const [size, viewport] of [["phone", PHONE], ["desktop", DESKTOP]] as const) {
    await visitor.page.setViewportSize(viewport);
    await visitor.page.waitForTimeout(700); // the world is drawn in its new size before it stands still
    await picture(visitor, `${name}.${size}.png`);
    expect(await axe(visitor), `${name} ${size}`).toEqual([]);
    const overflow = await panel(visitor).locator(".body").evaluate((body) => body.scrollWidth > body.clientWidth);
    expect(overflow, `${name} ${size} is cut at the side`).toBe(false);
    await freeze(visitor, false);
  }
  await visitor.page.setViewportSize({ width: 480, height: 640 });
}

async function speak(visitor: Visitor, language: "English" | "中文", settings: string): Promise<void> {
  await visitor.page.locator(`.tool[aria-label="${settings}"]`).click();
  await visitor.page.locator("#panel-settings label", { hasText: language }).click();
}

const PATIENCE_MS = 300_000;

describe("what travel keeps", { timeout: PATIENCE_MS }, () => {
  it("is shown to somebody from another home: what, when, from whom, and why", async () => {
    ada = await visit(browser, `${at.a}/w/alpha`, { calm: true, viewport: { width: 480, height: 640 } });
    await ada.inside("alpha");
    await makeAccount(ada);
    const did = (await ada.ask((api) => api.call("account.describe", {}))) as { account: { did: string } };
    await walkOver(ada, true);
    await openPanel(ada);
    await panel(ada).locator("p", { hasText: `Your home is ${new URL(at.a).host}` }).waitFor();
    // By the keyboard alone: from the panel's own button to the first of its body; the new page's heading has the focus then.
    await button(ada, "What this host knows about you").waitFor();
    await ada.page.keyboard.press("Tab");
    expect(await ada.page.evaluate(() => document.activeElement?.textContent)).toBe("What this host knows about you");
    await ada.page.keyboard.press("Enter");
    await heading(ada, `What ${new URL(at.b).host} knows about you`).waitFor();
    expect(await ada.page.evaluate(() => document.activeElement?.tagName)).toBe("H3");
    await panel(ada).locator("dl.learned", { hasText: did.account.did }).waitFor();
    const text = await panel(ada).locator("dl.learned").textContent();
    for (const part of ["Identifier", "Home", "Name", "Looks", "Language", "English", new URL(at.a).host, "shown to others"]) expect(text).toContain(part);
    await looks(ada, "kept-learned");
    await speak(ada, "中文", "Settings");
    await openPanel(ada, "你的账号");
    await button(ada, "这台主机知道你的哪些信息").click();
    await panel(ada).locator("dl.learned", { hasText: "标识符" }).waitFor();
    await looks(ada, "kept-learned.zh");
    await speak(ada, "English", "设置");
  });

  it("is forgotten after a second yes, and not before", async () => {
    await ada.until((api) => api.visitor()?.language === "en", "the host knows which language is read again");
    const before = await ada.ask((api) => api.visitor());
    await openPanel(ada);
    await button(ada, "What this host knows about you").click();
    await button(ada, "Have it forgotten").click();
    await heading(ada, "Have all of this forgotten?").waitFor();
    await looks(ada, "kept-forget");
    await button(ada, "Keep it").click();
    await panel(ada).locator("dl.learned").waitFor();
    expect(await ada.ask((api) => api.visitor())).toEqual(before);
    await button(ada, "Have it forgotten").click();
    await heading(ada, "Have all of this forgotten?").waitFor();
    await ada.page.keyboard.press("Tab");
    await ada.page.keyboard.press("Enter");
    await ada.page.locator(".notice", { hasText: "has forgotten who you are" }).waitFor();
    await panel(ada).locator("p", { hasText: "You are a guest" }).waitFor();
    const now = await ada.ask((api) => api.visitor());
    expect(now?.home).toBeUndefined();
    expect(now?.name).not.toBe(before?.name);
    expect(await ada.ask((api) => api.call("travel.learned", {}))).toEqual({ learned: [] });
    // Others see a guest, too, and it stays so.
    await ada.until((api) => api.people().every((person) => person.home === undefined), "nobody of another home is seen");
    await ada.page.reload({ waitUntil: "commit" });
    await ada.inside("beta");
    expect((await ada.ask((api) => api.visitor()))?.home).toBeUndefined();
  });

  it("lists at home the hosts that are told without asking, and asks again where that is wished", async () => {
    await ada.page.goto(`${at.a}/w/alpha?test=1&quality=low&pace=2000`, { waitUntil: "commit" });
    await ada.inside("alpha");
    await openPanel(ada);
    await button(ada, "Hosts that are told who you are").click();
    await heading(ada, "Told without asking").waitFor();
    await panel(ada).locator(".hosts li", { hasText: new URL(at.b).host }).waitFor();
    await looks(ada, "kept-hosts");
    await button(ada, "Ask me again").click();
    await panel(ada).locator("p", { hasText: "only after you have said yes" }).waitFor();
    expect(await ada.ask((api) => api.call("travel.remembered", {}))).toEqual({ hosts: [] });
    await looks(ada, "kept-no-hosts");
    await button(ada, "Back").click();
    await panel(ada).locator("p", { hasText: "Your home is" }).waitFor();
  });
});

it("shows the operator who came, and who was refused and why", { timeout: PATIENCE_MS }, async () => {
  const link = new URL(await b.operatorLink());
  const operator = await visit(browser, `${at.b}/w/beta${link.hash}`, { calm: true, viewport: DESKTOP });
  await operator.inside("beta");
  await operator.page.locator('.tool[aria-label="Operator"]').waitFor();
  const wish = { home: "nowhere.localhost:9", session_key: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", world: "beta" };
  const refused = await operator.page.evaluate(`window.__manyworlds.call("travel.challenge", ${JSON.stringify(wish)}).then(() => "", String)`);
  expect(refused).toContain("nowhere.localhost:9");
  await operator.page.locator('.tool[aria-label="Operator"]').click();
  const travel = operator.page.locator("#panel-operator");
  await travel.locator("p", { hasText: "Last refusal: " }).waitFor();
  const text = (await travel.textContent()) ?? "";
  for (const part of ["Who may comeeverybody", "Arrived1", "Refused1", "nowhere.localhost:9"]) expect(text).toContain(part);
  await travel.locator("h3", { hasText: "People of other homes" }).scrollIntoViewIfNeeded();
  await picture(operator, "operator-travel.desktop.png");
  expect(await axe(operator)).toEqual([]);
  expect(b.log).toContain("a challenge was refused");
  const metrics = await (await fetch(`http://127.0.0.1:${new URL(at.b).port}/metrics`)).text();
  expect(metrics).toMatch(/manyworlds_travellers_arrived_total 1\n/);
  expect(metrics).toMatch(/manyworlds_travellers_refused_total 1\n/);
  await operator.context.close();
});

it("logs out everywhere else, after a second yes", { timeout: PATIENCE_MS }, async () => {
  const other = await visit(browser, `${at.a}/w/alpha`, { calm: true });
  await other.inside("alpha");
  await authenticator(other);
  // Another browser of hers, by a code; the newest connection counts, so she comes back on this one.
  const { code } = (await ada.ask((api) => api.call("account.invite", {}))) as { code: string };
  await openPanel(other);
  await button(other, "I have a code").click();
  await other.page.locator("#account-code").fill(code);
  await button(other, "Make a passkey").click();
  const name = (await ada.ask((api) => api.visitor()))?.name ?? "";
  await other.page.locator("#panel-account", { hasText: "Your home is" }).waitFor();
  await other.page.goto("about:blank");
  await ada.page.reload({ waitUntil: "commit" });
  await ada.inside("alpha");
  await openPanel(ada);
  await button(ada, "Log out everywhere else").click();
  await looks(ada, "account-others");
  await button(ada, "Leave them").click();
  await button(ada, "Log out everywhere else").click();
  await button(ada, "Log out the others").click();
  await ada.page.locator(".notice", { hasText: "on this browser alone" }).waitFor();
  await ada.page.reload({ waitUntil: "commit" });
  await ada.inside("alpha");
  expect((await ada.ask((api) => api.visitor()))?.name).toBe(name);
  await other.page.goto(`${at.a}/w/alpha?test=1&quality=low&pace=2000`, { waitUntil: "commit" });
  await other.inside("alpha");
  expect((await other.ask((api) => api.visitor()))?.name).not.toBe(name);
  for (const visitor of [ada, other]) {
    expect(await violations(visitor)).toEqual([]);
    visitor.clean();
    await visitor.context.close();
  }
});
