// Two hosts of two operators, by the ordinary command: a guest walks from one to the other through a gate, is seen there, and
// goes back in one step.

import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeAccount, openPanel } from "./account.ts";
import { freePort, type Host, oneWorld, startHost } from "./host.ts";
import { axe, DESKTOP, freeze, launch, PHONE, picture, violations, visit, type Visitor } from "./visitor.ts";

let a: Host;
let b: Host;
let browser: Browser;
const at = { a: "", b: "" };

/** A gate before the spawn, further than from where gates count as arrived in. */
const gate = (to: string) => `[[portal]]
id = "away"
title = { en = "The far garden", zh = "远方的花园" }
to = "${to}"
position = [0, 0, 3]
`;

beforeAll(async () => {
  const [portA, portB] = [await freePort(), await freePort()];
  at.a = `http://a.localhost:${portA}`;
  at.b = `http://b.localhost:${portB}`;
  // What a page is told for tests goes with the link.
  const portals = gate(`${at.b}/w/beta?test=1&quality=low&pace=2000`);
  a = await startHost({ port: portA, worlds: oneWorld("alpha", { title: "Alpha", portals }), args: ["--public-url", at.a, "--fetch-loopback"] });
  b = await startHost({ port: portB, worlds: oneWorld("beta", { title: "Beta", capacity: 3 }), args: ["--public-url", at.b, "--fetch-loopback", "--operated-by", "The Beta Society"] });
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  await a?.dispose();
  await b?.dispose();
});

async function comeIn(options: Parameters<typeof visit>[2] = {}): Promise<Visitor> {
  const visitor = await visit(browser, `${at.a}/w/alpha`, { calm: true, ...options });
  await visitor.inside("alpha");
  return visitor;
}

/** Walks until the gate asks. */
async function walkToGate(visitor: Visitor): Promise<void> {
  await visitor.page.locator("canvas.view").focus();
  await visitor.page.keyboard.down("KeyW");
  await visitor.page.locator("dialog.card").waitFor();
  await visitor.page.keyboard.up("KeyW");
}

/** Several browsers at once, drawn by the processor of a slow machine. */
const PATIENCE_MS = 300_000;

describe("a guest between hosts", { timeout: PATIENCE_MS }, () => {
  let ada: Visitor;
  let bo: Visitor;
  let before: { id: string; name: string } | null = null;

  it("walks through a gate, and is seen on the other side", async () => {
    bo = await visit(browser, `${at.b}/w/beta`, { calm: true });
    await bo.inside("beta");
    expect(await bo.page.locator(".back").count()).toBe(0);
    ada = await comeIn();
    before = await ada.ask((api) => api.visitor());
    await walkToGate(ada);
    expect(await ada.page.locator("dialog.card").textContent()).toContain(new URL(at.b).host);
    const from = Date.now();
    await ada.page.locator("dialog.card a.primary").click();
    await ada.inside("beta");
    console.log(`from the click to standing in the other host's world: ${Date.now() - from} ms`);
    await bo.until((api) => api.people().length === 2, "Ada is seen");
    await ada.walkSome(1);
    const self = await ada.ask((api) => api.self());
    await expect.poll(async () => (await bo.ask((api) => api.avatars())).some((avatar) => avatar.entity === self?.entity), { timeout: 30_000 }).toBe(true);
  });

  it("leaves nothing in the address, and is one window of one page", async () => {
    expect(new URL(ada.page.url()).hash).toBe("");
    expect(ada.context.pages()).toHaveLength(1);
    // Nobody there knows who she is elsewhere.
    expect((await ada.ask((api) => api.visitor()))?.id).not.toBe(before?.id);
  });

  it("keeps the way back over a reload, and goes back in one step as who they were", async () => {
    await ada.page.reload({ waitUntil: "commit" });
    await ada.inside("beta");
    await ada.page.locator(".chip.back", { hasText: new URL(at.a).host }).click();
    await ada.page.waitForURL(`${at.a}/w/alpha`);
    await ada.page.locator(".chip.name", { hasText: before?.name ?? "nobody" }).waitFor({ timeout: 60_000 });
    await bo.until((api) => api.people().length === 1, "Ada has left");
    for (const visitor of [ada, bo]) {
      expect(await violations(visitor)).toEqual([]);
      visitor.clean();
      await visitor.context.close();
    }
  });

  it("has a way back where there is no such world", async () => {
    const lost = await visit(browser, `${at.b}/w/nowhere#from=${encodeURIComponent(`${at.a}/w/alpha`)}`);
    await lost.page.locator(".card[role=alert] a", { hasText: new URL(at.a).host }).click({ timeout: 60_000 });
    await lost.page.waitForURL(`${at.a}/w/alpha`);
    await lost.context.close();
  });

  it("is led nowhere by a link that names no world", async () => {
    const led = await visit(browser, `${at.b}/w/beta#from=${encodeURIComponent("javascript:alert(1)")}`);
    await led.inside("beta");
    expect(await led.page.locator(".back").count()).toBe(0);
    await led.context.close();
  });
});

describe("a person between hosts", { timeout: PATIENCE_MS }, () => {
  let ada: Visitor;
  let bo: Visitor;
  const told = (visitor: Visitor) => visitor.page.locator("main .card");

  it("sees what is behind the gate, says what may be told, and arrives as herself", async () => {
    bo = await visit(browser, `${at.b}/w/beta`, { calm: true });
    await bo.inside("beta");
    ada = await comeIn();
    await ada.page.locator(".chip.name").click();
    await ada.page.locator("#name-field").fill("Ada");
    await ada.page.locator("#name-field").press("Enter");
    await ada.until((api) => api.visitor()?.name === "Ada", "the name");
    await makeAccount(ada);
    await walkToGate(ada);
    const gate = ada.page.locator("dialog.card");
    await gate.locator(".facts", { hasText: "The Beta Society" }).waitFor();
    expect(await gate.textContent()).toContain("tells it who you are");
    await gate.locator("a.primary").click();
    await told(ada).locator("h1", { hasText: new URL(at.b).host }).waitFor({ timeout: 60_000 });
    expect(await told(ada).textContent()).toContain("Ada");
    expect(new URL(ada.page.url()).hash, "the challenge is not kept in the address").toBe("");
    expect(await axe(ada)).toEqual([]);
    await ada.page.screenshot({ path: "../../build/screenshots/travel-told.png" });
    await told(ada).locator(".check.remember input").check();
    const from = Date.now();
    await told(ada).locator("button.primary").click();
    await ada.inside("beta");
    console.log(`from the yes to standing there as oneself: ${Date.now() - from} ms`);
    await bo.until((api) => api.people().some((person) => person.name === "Ada" && person.home !== undefined), "Ada is seen as herself");
    await ada.until((api) => api.visitor()?.home !== undefined, "she hears that she is herself");
    expect(await ada.ask((api) => api.visitor())).toMatchObject({ name: "Ada", home: new URL(at.a).host });
    expect(new URL(ada.page.url()).hash).toBe("");
  });

  it("goes back, and the next time is asked nothing and is the same", async () => {
    const first = await ada.ask((api) => api.visitor());
    await ada.page.locator(".chip.back", { hasText: new URL(at.a).host }).click();
    await ada.page.waitForURL(`${at.a}/w/alpha`);
    await ada.page.locator(".chip.name", { hasText: "Ada" }).waitFor({ timeout: 60_000 });
    // She stands where she left, at the gate.
    await ada.page.locator(".prompt button.primary").click();
    await ada.page.locator("dialog.card a.primary").click();
    await ada.page.waitForURL(`${at.b}/w/beta**`, { timeout: 60_000 });
    await ada.inside("beta");
    await ada.until((api) => api.visitor()?.home !== undefined, "she hears that she is herself");
    expect(await ada.ask((api) => api.visitor())).toEqual(first);
  });

  it("comes by a friend's link, names her home, and stands beside the friend as herself", async () => {
    const { invitation } = (await bo.page.evaluate(`window.__manyworlds.call("visitor.invite", {})`)) as { invitation: string };
    await bo.walkSome(5);
    // A browser that knows her at home, and does not know this host.
    await ada.page.evaluate(() => {
      localStorage.clear();
      sessionStorage.clear();
    });
    await ada.page.goto("about:blank");
    await ada.page.goto(`${at.b}/w/beta?test=1&quality=low&pace=2000#beside=${invitation}`);
    await ada.inside("beta");
    expect((await ada.ask((api) => api.visitor()))?.home).toBeUndefined();
    await openPanel(ada);
    const panel = ada.page.locator("#panel-account");
    await panel.locator("summary", { hasText: "My home is another host" }).click();
    const home = panel.getByLabel("Address of your home");
    await home.fill("not a host");
    await home.press("Enter");
    await panel.getByRole("alert").waitFor();
    expect(await axe(ada)).toEqual([]);
    for (const [size, viewport] of [["phone", PHONE], ["desktop", DESKTOP]] as const) {
      await ada.page.setViewportSize(viewport);
      await picture(ada, `travel-elsewhere.${size}.png`);
      await freeze(ada, false);
    }
    await home.fill(`${at.a}/w/alpha`);
    await home.press("Enter");
    await ada.until((api) => api.phase() === "in" && api.visitor()?.home !== undefined, "she is herself", 60_000);
    expect(await ada.ask((api) => api.visitor())).toMatchObject({ name: "Ada", home: new URL(at.a).host });
    const [one, other] = [await ada.ask((api) => api.self()), await bo.ask((api) => api.self())];
    expect(Math.hypot((one?.x ?? 99) - (other?.x ?? 0), (one?.z ?? 99) - (other?.z ?? 0))).toBeLessThan(2.1);
    await ada.context.close();
  });

  it("is told why when the host takes nobody, and is a guest then", async () => {
    await b.end("SIGTERM");
    await b.start(["--travel", "off"]);
    const eve = await comeIn();
    await makeAccount(eve);
    await walkToGate(eve);
    await eve.page.locator("dialog.card a.primary").click();
    await eve.inside("beta");
    await eve.page.locator(".notice", { hasText: "takes nobody from other homes" }).waitFor();
    expect((await eve.ask((api) => api.visitor()))?.home).toBeUndefined();
    await eve.context.close();
    await bo.context.close();
  });
});

const looks = [
  { name: "desktop.en", viewport: DESKTOP, phone: false, locale: "en-GB", go: "Walk in" },
  { name: "phone.zh", viewport: PHONE, phone: true, locale: "zh-CN", go: "走进去" },
];
it.each(looks)("looks as it should, and axe finds nothing: $name", { timeout: PATIENCE_MS }, async ({ name, viewport, phone, locale, go }) => {
  const visitor = await comeIn({ viewport, phone, locale });
  await walkToGate(visitor);
  await picture(visitor, `travel-gate.${name}.png`);
  expect(await axe(visitor)).toEqual([]);
  await freeze(visitor, false);
  await visitor.page.locator("dialog.card a.primary", { hasText: go }).focus();
  await visitor.page.keyboard.press("Enter");
  await visitor.inside("beta");
  await picture(visitor, `travel-arrived.${name}.png`);
  expect(await axe(visitor)).toEqual([]);
  await visitor.context.close();
});
