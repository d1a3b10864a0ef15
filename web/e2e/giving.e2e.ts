// Three hosts that witness one another in turn, started by three ordinary commands: somebody of the first takes a thing of theirs to
// the second and gives it to somebody whose home is the third. Each step is checked by `manyworlds audit`, as anybody could.

import { execFile } from "node:child_process";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeAccount, openPanel } from "./account.ts";
import { binary, type Host, namedHosts, witnessInTurn } from "./host.ts";
import { titled } from "./titles.ts";
import { axe, freeze, launch, PHONE, screenshots, visit, type Visitor } from "./visitor.ts";

let hosts: Record<"a" | "b" | "c", Host>;
let at: Record<"a" | "b" | "c", string>;
let browser: Browser;
let state: string;

beforeAll(async () => {
  const named = await namedHosts({
    a: { world: "alpha", title: "Alpha", gate: "b" },
    b: { world: "beta", title: "Beta", gate: "a" },
    c: { world: "gamma", title: "Gamma", gate: "b" },
  });
  ({ hosts, at } = named);
  await witnessInTurn(named);
  state = join(await mkdtemp(join(tmpdir(), "mw-audit-")), "a.audit");
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  for (const host of Object.values(hosts ?? {})) await host.dispose();
});

let records = 0;
/** Waits until an auditor of the first host's log, who goes on from what they saw before, has seen so many records of the one thing. */
async function audited(expected: number): Promise<void> {
  const look = async () => {
    const { stdout } = await promisify(execFile)(binary, ["audit", at.a, "--loopback", "--state", state]);
    const [, things, news, refused] = /Titles: +(\d+) things; (\d+) new records, (\d+) of them/.exec(stdout) ?? [];
    expect([things, refused], stdout).toEqual(["1", "0"]);
    records += Number(news);
    return records;
  };
  await expect.poll(() => look().catch(String), { timeout: 60_000, interval: 1_000 }).toBe(expected);
}

async function through(visitor: Visitor): Promise<void> {
  await visitor.page.locator("canvas.view").focus();
  await visitor.page.keyboard.down("KeyW");
  await visitor.page.locator("dialog.card").waitFor();
  await visitor.page.keyboard.up("KeyW");
  await visitor.page.locator("dialog.card a.primary").click();
}

async function named(name: string, address: string, world: string): Promise<Visitor> {
  const visitor = await visit(browser, address, { calm: true, viewport: { width: 800, height: 560 } });
  await visitor.inside(world);
  await visitor.page.locator(".chip.name").click();
  await visitor.page.locator("#name-field").fill(name);
  await visitor.page.locator("#name-field").press("Enter");
  await makeAccount(visitor);
  return visitor;
}

/** Dresses in the wardrobe, as people do. */
async function dress(visitor: Visitor): Promise<void> {
  await visitor.page.locator(".chip.name").click();
  await visitor.page.locator("#panel-name button.appearance").click();
  const panel = visitor.page.locator("#panel-appearance");
  const choose = (group: string, name: string) => panel.getByRole("group", { name: group }).getByRole("radio", { name, exact: true }).check();
  await panel.getByRole("tab", { name: "Top", exact: true }).click({ timeout: 60_000 });
  await choose("Top", "T-shirt");
  await choose("Colour of the top", "Red");
  await panel.getByRole("button", { name: "Save" }).click();
  await panel.waitFor({ state: "detached" });
}

/** The list of what one owns, in the account's panel at home. */
async function openThings(visitor: Visitor) {
  await openPanel(visitor);
  await visitor.page.locator("#panel-account button", { hasText: "Your things" }).click();
  return visitor.page.locator("#panel-account .owned");
}

describe("a thing that is given at home", { timeout: 300_000 }, () => {
  it("is offered by name to whoever is there, and theirs after a second yes", async () => {
    const cy = await visit(browser, `${at.b}/w/beta`, { calm: true });
    await cy.inside("beta");
    const bo = await named("Bo", `${at.b}/w/beta`, "beta");
    await titled(bo, "The blue crate", 3);
    const things = await openThings(bo);
    await things.locator("li", { hasText: "The blue crate" }).getByRole("button", { name: "Give The blue crate to somebody" }).click();
    const name = (await cy.ask((api) => api.visitor()))?.name ?? "";
    await things.locator(".choose button", { hasText: name }).click();
    await things.locator(".choose", { hasText: `Give The blue crate to ${name}?` }).waitFor();
    expect(await axe(bo)).toEqual([]);
    await bo.page.screenshot({ path: join(screenshots, "give-home.png") });
    await things.getByRole("button", { name: "Give it" }).click();
    await cy.page.locator(".notice", { hasText: "Bo has given you The blue crate" }).waitFor();
    await things.locator("li", { hasText: "The blue crate" }).waitFor({ state: "detached" });
    expect(await cy.ask((api) => api.call("title.mine", {}))).toMatchObject({ things: [{ name: "The blue crate" }] });
    for (const visitor of [bo, cy]) visitor.clean();
    await Promise.all([bo, cy].map((visitor) => visitor.context.close()));
  });
});

describe("a thing that is given to somebody of another home", { timeout: 300_000 }, () => {
  let ada: Visitor;
  let eve: Visitor;
  let page: Page;
  const mine = (visitor: Visitor) => visitor.ask((api) => api.people().find((person) => person.carried)?.carried?.[0]?.name);

  it("is made, and its title is in the log", async () => {
    ada = await named("Ada", `${at.a}/w/alpha`, "alpha");
    await dress(ada);
    eve = await named("Eve", `${at.c}/w/gamma`, "gamma");
    await titled(ada, "The red crate", 3);
    await audited(1);
    const things = await openThings(ada);
    await things.locator("li", { hasText: "The red crate" }).locator("summary").click();
    await things.locator(".history li", { hasText: "made" }).waitFor();
    expect(await axe(ada)).toEqual([]);
    await freeze(ada, true);
    await ada.page.screenshot({ path: join(screenshots, "owned.png") });
    await freeze(ada, false);
    await ada.page.keyboard.press("Escape");
  });

  it("comes along to the second host, where both are", async () => {
    await through(eve);
    const told = eve.page.locator("main .card");
    await told.locator("button.primary").click();
    await eve.inside("beta");
    await through(ada);
    const card = ada.page.locator("main .card");
    await card.locator(".things .check", { hasText: "The red crate" }).locator("input").check({ timeout: 60_000 });
    await card.locator("button.primary").click();
    await ada.inside("beta");
    await eve.until((api) => api.people().some((person) => person.name === "Ada" && person.carried?.[0]?.name === "The red crate"), "it has come", 60_000);
    const look = (visitor: Visitor) => visitor.ask((api) => api.people().find((person) => person.name === "Ada")?.appearance);
    expect(await look(eve), "as she has dressed at home").toMatchObject({ top: 0, top_colour: 3 });
    await ada.until((api) => api.people().some((person) => person.name === "Ada"), "she hears of herself");
    expect(await look(ada)).toEqual(await look(eve));
    await audited(2);
  });

  it("is offered by name, and seen by whom it is for", async () => {
    await ada.page.locator('.tool[aria-label="Gestures"]').click();
    const panel = ada.page.locator("#panel-gestures");
    await panel.locator("button", { hasText: "Give…" }).click();
    await panel.locator(".choose button", { hasText: "Eve" }).waitFor();
    expect(await axe(ada)).toEqual([]);
    await ada.page.screenshot({ path: join(screenshots, "give-choose.png") });
    await panel.locator(".choose button", { hasText: "Eve" }).click();
    await ada.page.locator(".gift", { hasText: "Eve is asked" }).waitFor();
    await ada.page.keyboard.press("Escape");
    await eve.page.locator(".gift", { hasText: "Ada would like to give you The red crate" }).waitFor();
    expect(await axe(eve)).toEqual([]);
    await eve.page.screenshot({ path: join(screenshots, "give-offered.png") });
    await eve.page.setViewportSize(PHONE);
    await eve.page.screenshot({ path: join(screenshots, "give-offered-phone.png") });
    await eve.page.setViewportSize({ width: 800, height: 560 });
  });

  it("stays Ada's until she has said so at her own home", async () => {
    await eve.page.locator(".gift button", { hasText: "Take it" }).click();
    const link = ada.page.locator(".gift a.primary", { hasText: new URL(at.a).host });
    await link.waitFor({ timeout: 60_000 });
    await ada.page.screenshot({ path: join(screenshots, "give-accepted.png") });
    expect(await mine(eve)).toBe("The red crate");
    [page] = await Promise.all([ada.context.waitForEvent("page"), link.click()]);
    await page.locator("h1", { hasText: "Give The red crate to Eve?" }).waitFor({ timeout: 60_000 });
    expect(new URL(page.url()).origin).toBe(at.a);
    expect(await page.locator(".told").textContent()).toContain(new URL(at.c).host);
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.screenshot({ path: join(screenshots, "give-confirm.png") });
    await page.setViewportSize(PHONE);
    await page.screenshot({ path: join(screenshots, "give-confirm-phone.png") });
  });

  it("is Eve's then: in her hands, at her home, and for everybody who reads the log", async () => {
    await page.locator("button.primary", { hasText: "Give it" }).click();
    await page.locator("h1", { hasText: "The red crate is Eve's now" }).waitFor({ timeout: 60_000 });
    await ada.until((api) => api.people().some((person) => person.name === "Eve" && person.carried?.[0]?.name === "The red crate"), "Eve has it", 60_000);
    await eve.page.locator('.tool[aria-label="Gestures"]').click();
    await eve.page.locator("#panel-gestures .brought li", { hasText: "The red crate" }).locator("button", { hasText: "Take in hand" }).click();
    await ada.until((api) => api.people().some((person) => person.name === "Eve" && person.carried?.[0]?.in_hand === true), "in her hand");
    await audited(3);
    const title = (await ada.page.evaluate(`window.__manyworlds.call("travel.carried", {})`)) as { carried: unknown[] };
    expect(title.carried).toEqual([]);
  });

  it("goes home with her, though its title stays where it was made", async () => {
    await eve.page.goto(`${at.c}/w/gamma?test=1&quality=low&pace=2000`);
    await eve.inside("gamma");
    const things = await openThings(eve);
    const row = things.locator("li", { hasText: "The red crate" });
    await row.waitFor({ timeout: 60_000 });
    await expect.poll(() => row.textContent(), { timeout: 30_000 }).toContain(new URL(at.a).host);
    await row.locator("button", { hasText: "Call it home" }).click();
    await row.locator("button", { hasText: "Call it home" }).waitFor({ state: "detached", timeout: 60_000 });
    await audited(4); // the second host has given it back
    expect(await axe(eve)).toEqual([]);
    await eve.page.setViewportSize(PHONE);
    await eve.page.screenshot({ path: join(screenshots, "owned-phone.png") });
    for (const visitor of [ada, eve]) visitor.clean();
    await Promise.all([ada, eve].map((visitor) => visitor.context.close()));
  });
});
