// A person holds the key of their things themselves: by a passkey whose authenticator makes a secret (PRF), and by a code where it
// makes none. What is given and taken along is signed in the browser; the log's auditor finds nothing wrong.

import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { authenticator, makeAccount, openPanel } from "./account.ts";
import { binary, type Host, twoHosts, witnessInTurn } from "./host.ts";
import { titled } from "./titles.ts";
import { axe, DESKTOP, freeze, launch, PHONE, screenshots, visit, type Visitor } from "./visitor.ts";

/** Enough for the panels. */
const ROOM = { width: 800, height: 600 };

let a: Host;
let b: Host;
let browser: Browser;
let at = { a: "", b: "" };
let ada: Visitor;
let eve: Visitor;
let home = "";
let code = "";
let adasFile: Awaited<ReturnType<typeof saved>>;

/** Who comes in by that name. Nothing is drawn from then on: what is looked at are panels, and drawing takes the processor's time. */
async function named(name: string, world: string, origin: string): Promise<Visitor> {
  const visitor = await visit(browser, `${origin}/w/${world}`, { calm: true });
  await visitor.inside(world);
  await freeze(visitor, true);
  await visitor.page.evaluate(`window.__manyworlds.call("visitor.change", { name: ${JSON.stringify(name)} })`);
  await visitor.page.setViewportSize(ROOM);
  return visitor;
}

const panel = (visitor: Visitor) => visitor.page.locator("#panel-account");
const press = (visitor: Visitor, name: string) => panel(visitor).getByRole("button", { name, exact: true }).click();
const row = (visitor: Visitor, thing: string) => panel(visitor).locator(".owned > li", { hasText: thing });

async function openThings(visitor: Visitor): Promise<void> {
  await visitor.page.keyboard.press("Escape");
  await openPanel(visitor);
  await press(visitor, "Your things");
  await panel(visitor).getByRole("button", { name: "Who keeps the keys…" }).waitFor();
}

type Owned = { things: { name: string; custody: string; asset: string }[] };
const owned = async (visitor: Visitor) => (await visitor.ask((api) => api.call("title.mine", {})) as Owned).things;
const custody = async (visitor: Visitor) => Object.fromEntries((await owned(visitor)).map((thing) => [thing.name, thing.custody]));

/** The file with the code, as the page gives it. */
async function saved(visitor: Visitor): Promise<{ name: string; mimeType: string; buffer: Buffer }> {
  const download = visitor.page.waitForEvent("download");
  await press(visitor, "Save the file");
  const file = await download;
  return { name: file.suggestedFilename(), mimeType: "application/json", buffer: readFileSync(await file.path()) };
}

async function shot(visitor: Visitor, name: string, size: { width: number; height: number }): Promise<void> {
  await visitor.page.setViewportSize(size);
  await visitor.page.waitForTimeout(1_200);
  await visitor.page.screenshot({ path: join(screenshots, name) });
  await visitor.page.setViewportSize(ROOM);
}

/** What the log's auditor says of what is new, once the log has published what was recorded last: the step of this thing. */
async function audited(visitor: Visitor, thing: string): Promise<string> {
  const asset = (await owned(visitor)).find((one) => one.name === thing)?.asset;
  const show = `window.__manyworlds.call("title.show", ${JSON.stringify({ asset })}).then((title) => title.final, String)`;
  await expect.poll(() => visitor.page.evaluate(show), { timeout: 60_000 }).toBe(true);
  return (await promisify(execFile)(binary, ["audit", at.a, "--loopback", "--state", join(a.folder, "a.audit")])).stdout;
}

beforeAll(async () => {
  ({ a, b, at } = await twoHosts());
  await witnessInTurn({ hosts: { a, b }, at });
  home = new URL(at.a).host;
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  await a?.dispose();
  await b?.dispose();
});

describe("a key that is held by a passkey", { timeout: 300_000 }, () => {
  it("is chosen where one's things are, and wrapped before the home gets it", async () => {
    ada = await named("Ada", "alpha", at.a);
    await makeAccount(ada, true);
    eve = await named("Eve", "alpha", at.a);
    await titled(ada, "The red crate", 3);
    await titled(ada, "The blue crate", 4.5);
    await openThings(ada);
    await row(ada, "The red crate").getByText(`Its key is kept by ${home}.`).waitFor();
    await press(ada, "Who keeps the keys…");
    await panel(ada).getByText("It can move them without asking you.").waitFor();
    await press(ada, "Hold the key myself…");
    expect(await axe(ada)).toEqual([]);
    await shot(ada, "held-why.png", DESKTOP);
    await press(ada, "Go on with my passkey");
    await panel(ada).locator(".held-code").waitFor();
    code = (await panel(ada).locator(".held-code").textContent()) ?? "";
    expect(await axe(ada)).toEqual([]);
    await shot(ada, "held-code-phone.png", PHONE);
    adasFile = await saved(ada);
    expect(JSON.parse(adasFile.buffer.toString())).toMatchObject({ code, home });
    await panel(ada).locator(".check input").check();
    await press(ada, "Hold the key");
    await panel(ada).getByText("Moved: 2.").waitFor();
    await panel(ada).getByText("You hold the key of your things.").waitFor();
    await panel(ada).locator(".held-ways", { hasText: /Passkey .*The code/ }).waitFor();
    await shot(ada, "held-state.png", DESKTOP);
    expect(await custody(ada)).toEqual({ "The red crate": "holder", "The blue crate": "holder" });
  });

  it("is named wherever the thing shows, and the home can move nothing without it", async () => {
    await openThings(ada);
    await row(ada, "The red crate").getByText("You hold its key.").waitFor();
    await row(ada, "The red crate").locator("summary").click();
    await row(ada, "The red crate").getByText("Its owner holds its key.").waitFor();
    await row(ada, "The red crate").locator(".history li", { hasText: "to a new key" }).waitFor();
    await shot(ada, "held-things-phone.png", PHONE);
    const asset = (await owned(ada)).find((thing) => thing.name === "The blue crate")?.asset;
    const to = (await eve.ask((api) => api.visitor()))?.id;
    const said = await ada.page.evaluate(`window.__manyworlds.call("title.transfer", ${JSON.stringify({ asset, visitor: to })}).then(() => "given", String)`);
    expect(said).toContain("they sign it themselves");
  });

  it("signs a gift, after the page has shown what that is", async () => {
    await row(ada, "The blue crate").getByRole("button", { name: "Give The blue crate to somebody" }).click();
    await row(ada, "The blue crate").locator(".choose button", { hasText: "Eve" }).click();
    await row(ada, "The blue crate").getByText(`You sign: The blue crate goes to Eve of ${home}, for good.`).waitFor();
    expect(await axe(ada)).toEqual([]);
    await shot(ada, "held-gift.png", DESKTOP);
    await press(ada, "Sign and give");
    await row(ada, "The blue crate").waitFor({ state: "detached" });
    expect(await custody(eve)).toEqual({ "The blue crate": "home" });
    expect(await custody(ada)).toEqual({ "The red crate": "holder" });
  });

  it("signs a trade, and what comes is held too", async () => {
    await titled(eve, "The green crate", -3);
    await row(ada, "The red crate").getByRole("button", { name: "Trade The red crate with somebody" }).click();
    await row(ada, "The red crate").locator(".choose button", { hasText: "Eve" }).click();
    const table = ada.page.locator(".trade");
    await table.getByRole("combobox", { name: "What you get" }).selectOption({ label: "The green crate" });
    await table.getByRole("button", { name: "Offer it" }).click();
    await table.getByText("Its owner holds its key.").waitFor();
    await table.getByRole("button", { name: "Agree to this" }).click();
    await table.getByText("The green crate comes to the key that you hold.").waitFor();
    await shot(ada, "held-trade.png", DESKTOP);
    await table.getByRole("button", { name: "Sign and agree" }).click();
    await table.getByText("You agree. Waiting for Eve.").waitFor();
    await eve.page.locator(".trade").getByRole("button", { name: "Agree to this" }).click();
    await ada.page.locator(".notice", { hasText: "The green crate is yours now" }).waitFor();
    expect(await custody(ada)).toEqual({ "The green crate": "holder" });
    eve.clean();
    await eve.context.close();
  });

  it("signs the lease of what comes along, and the other world says who holds it", async () => {
    await ada.page.keyboard.press("Escape");
    await freeze(ada, false);
    await ada.page.locator("canvas.view").focus();
    await ada.page.keyboard.down("KeyW");
    await ada.page.locator("dialog.card").waitFor();
    await ada.page.keyboard.up("KeyW");
    await ada.page.locator("dialog.card a.primary").click();
    const card = ada.page.locator("main .card");
    await card.locator(".things .check", { hasText: "The green crate" }).locator("input").check({ timeout: 60_000 });
    expect(await card.locator(".things").textContent()).toContain("Its owner holds its key.");
    await card.locator("button.primary").click();
    await card.getByText(`You hold the key of The green crate. To take that along to ${new URL(at.b).host} for ten minutes, you sign it now.`).waitFor();
    expect(await axe(ada)).toEqual([]);
    await shot(ada, "held-lease-phone.png", PHONE);
    await card.getByRole("button", { name: "Sign and go" }).click();
    await ada.inside("beta");
    await freeze(ada, true);
    await ada.until((api) => api.people().some((person) => person.carried?.[0]?.custody === "holder"), "it has come", 60_000);
    await ada.page.locator('.tool[aria-label="Gestures"]').click();
    await ada.page.locator("#panel-gestures").getByText("You hold the key of The green crate.").waitFor();
    await shot(ada, "held-brought.png", DESKTOP);
  });

  it("goes back to the home by the code, when no passkey is at hand", async () => {
    await ada.page.goto(`${at.a}/w/alpha?test=1&quality=low&pace=2000`, { waitUntil: "commit" });
    await ada.inside("alpha");
    await freeze(ada, true);
    await openThings(ada);
    await row(ada, "The green crate").waitFor();
    // Seen and pressed in one step: it may come home by itself just then.
    const recall = row(ada, "The green crate").getByRole("button", { name: "Call The green crate home" });
    await recall.evaluateAll((buttons) => buttons.forEach((one) => (one as HTMLButtonElement).click()));
    await row(ada, "The green crate").getByRole("button", { name: "Give The green crate to somebody" }).waitFor({ timeout: 60_000 });
    await press(ada, "Who keeps the keys…");
    await press(ada, "Let this host keep it again…");
    await press(ada, "Use the code instead");
    await panel(ada).locator("#held-code").fill("00000-00000-00000-00000-00000");
    await press(ada, "Open with the code");
    await panel(ada).getByText("This does not open your key.").waitFor();
    await panel(ada).locator("#held-code").fill(code.toLowerCase());
    await press(ada, "Open with the code");
    await panel(ada).getByText("Moved: 1.").waitFor();
    expect(await custody(ada)).toEqual({ "The green crate": "home" });
    // Two rotations, a gift, a trade, a lease and its return, a rotation back; and three creations.
    expect(await audited(ada, "The green crate")).toMatch(/Titles: +3 things; 10 new records, 0 of them/);
    ada.clean();
    await ada.context.close();
  });
});

describe("a key where the authenticator makes no secret", { timeout: 300_000 }, () => {
  let bo: Visitor;
  let cy: Visitor;
  let device: Awaited<ReturnType<typeof makeAccount>>;
  let secret = "";

  it("is opened by the file with the code, and by nobody else's", async () => {
    bo = await named("Bo", "alpha", at.a);
    device = await makeAccount(bo);
    cy = await named("Cy", "alpha", at.a);
    await titled(bo, "The old crate", 6);
    await titled(bo, "The new crate", 7.5);
    await openThings(bo);
    await press(bo, "Who keeps the keys…");
    await press(bo, "Hold the key myself…");
    await press(bo, "Go on with my passkey");
    await panel(bo).getByText("This passkey cannot wrap a key.").waitFor();
    secret = (await panel(bo).locator(".held-code").textContent()) ?? "";
    const file = await saved(bo);
    await panel(bo).locator(".check input").check();
    await press(bo, "Hold the key");
    await panel(bo).getByText("Moved: 2.").waitFor();
    await panel(bo).getByText("not yet").waitFor();
    await openThings(bo);
    await row(bo, "The old crate").getByRole("button", { name: "Give The old crate to somebody" }).click();
    await row(bo, "The old crate").locator(".choose button", { hasText: "Cy" }).click();
    const choose = row(bo, "The old crate").locator("input[type=file]");
    await choose.setInputFiles(adasFile);
    await row(bo, "The old crate").getByText("This is no file of this key.").waitFor();
    expect(await axe(bo)).toEqual([]);
    await shot(bo, "held-code-use-phone.png", PHONE);
    await choose.setInputFiles(file);
    await row(bo, "The old crate").waitFor({ state: "detached" });
    expect(await custody(cy)).toEqual({ "The old crate": "home" });
    cy.clean();
    await cy.context.close();
  });

  it("is opened by a further passkey, once that has wrapped it too", async () => {
    await device.cdp.send("WebAuthn.removeVirtualAuthenticator", { authenticatorId: device.id });
    await authenticator(bo, true);
    await bo.page.keyboard.press("Escape");
    await openPanel(bo);
    await press(bo, "Add a passkey on this device");
    await panel(bo).locator(".people li").nth(1).waitFor();
    await press(bo, "Your things");
    await press(bo, "Who keeps the keys…");
    await panel(bo).getByRole("button", { name: /^Let passkey .* open the key$/ }).last().click();
    await panel(bo).locator("#held-code").fill(secret);
    await press(bo, "Open with the code");
    await panel(bo).getByText("opens your key from now on.").waitFor();
    await press(bo, "Let this host keep it again…");
    await press(bo, "Sign and hand over");
    await panel(bo).getByText("Moved: 1.").waitFor();
    expect(await custody(bo)).toEqual({ "The new crate": "home" });
    // Two creations, two rotations, a gift, a rotation back.
    expect(await audited(bo, "The new crate")).toMatch(/Titles: +5 things; 6 new records, 0 of them/);
    bo.clean();
    await bo.context.close();
  });
});
