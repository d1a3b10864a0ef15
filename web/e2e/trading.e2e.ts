// Two people of one world trade a thing of the one for a thing of the other, as people do: each sees what goes and what comes, a change
// takes the agreements away, and one record of the log moves both. Checked by `manyworlds audit`, as anybody could.

import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeAccount, openPanel } from "./account.ts";
import { binary, type Host, namedHosts, witnessInTurn } from "./host.ts";
import { titled } from "./titles.ts";
import { axe, DESKTOP, freeze, launch, PHONE, screenshots, visit, type Visitor } from "./visitor.ts";

let hosts: Record<"a" | "b", Host>;
let at: Record<"a" | "b", string>;
let browser: Browser;
let ada: Visitor;
let eve: Visitor;

async function named(name: string): Promise<Visitor> {
  const visitor = await visit(browser, `${at.a}/w/alpha`, { calm: true, viewport: { width: 800, height: 600 } });
  await visitor.inside("alpha");
  await visitor.page.locator(".chip.name").click();
  await visitor.page.locator("#name-field").fill(name);
  await visitor.page.locator("#name-field").press("Enter");
  return visitor;
}

const table = (visitor: Visitor) => visitor.page.locator(".trade");
const owned = async (visitor: Visitor) =>
  ((await visitor.ask((api) => api.call("title.mine", {}))) as { things: { name: string }[] }).things.map((thing) => thing.name).sort();

beforeAll(async () => {
  const both = await namedHosts({ a: { world: "alpha", title: "Alpha" }, b: { world: "beta", title: "Beta" } });
  ({ hosts, at } = both);
  await witnessInTurn(both);
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  for (const host of Object.values(hosts ?? {})) await host.dispose();
});

describe("a trade in one world", { timeout: 300_000 }, () => {
  it("is offered from the list of people, with what both have", async () => {
    ada = await named("Ada");
    await makeAccount(ada);
    eve = await named("Eve");
    await titled(ada, "The red crate", 3, "#e4572e");
    await titled(ada, "The green crate", 4.5, "#6a994e");
    await titled(eve, "The blue crate", -3, "#4c5fd5");
    await ada.page.locator(".chip.place").click();
    await ada.page.locator("#panel-world").getByRole("button", { name: "More about Eve" }).click();
    await ada.page.locator("#panel-world").getByRole("button", { name: "Trade with Eve" }).click();
    await table(ada).getByRole("combobox", { name: "What you give" }).selectOption({ label: "The red crate" });
    await table(ada).getByRole("combobox", { name: "What you get" }).selectOption({ label: "The blue crate" });
    expect(await axe(ada)).toEqual([]);
    await ada.page.setViewportSize(DESKTOP);
    await freeze(ada, false);
    await ada.page.waitForTimeout(1_500);
    await ada.page.screenshot({ path: join(screenshots, "trade-draft.png") });
    await ada.page.setViewportSize({ width: 800, height: 600 });
    await table(ada).getByRole("button", { name: "Offer it" }).click();
    await table(eve).getByText("Ada would like to trade with you.").waitFor();
  });

  it("shows each exactly what goes and what comes, with its history", async () => {
    const sides = table(eve).locator(".side");
    expect(await sides.first().locator("strong").textContent()).toBe("The blue crate");
    expect(await sides.last().locator("strong").textContent()).toBe("The red crate");
    await sides.last().locator("summary").click();
    await sides.last().locator(".history li", { hasText: "made" }).waitFor();
    expect(await axe(eve)).toEqual([]);
    await freeze(eve, false);
    await eve.page.setViewportSize(PHONE);
    await eve.page.waitForTimeout(1_500);
    await eve.page.screenshot({ path: join(screenshots, "trade-phone.png") });
    await eve.page.setViewportSize({ width: 800, height: 600 });
  });

  it("is agreed to anew when something else is put on the table", async () => {
    await table(eve).getByRole("button", { name: "Agree to this" }).click();
    await table(ada).getByText("Eve agrees to this.").waitFor();
    await table(ada).getByRole("combobox", { name: "What you give" }).selectOption({ label: "The green crate" });
    await table(eve).getByText("Ada has changed the trade. Look again before you agree.").waitFor();
    expect(await table(eve).locator(".side").last().locator("strong").textContent()).toBe("The green crate");
    await table(ada).getByRole("button", { name: "Agree to this" }).click();
    await table(ada).getByText("You agree. Waiting for Eve.").waitFor();
    expect(await owned(ada)).toEqual(["The green crate", "The red crate"]);
    await eve.page.setViewportSize(DESKTOP);
    await eve.page.waitForTimeout(1_500);
    await eve.page.screenshot({ path: join(screenshots, "trade-changed.png") });
    await eve.page.setViewportSize({ width: 800, height: 600 });
  });

  it("moves both things at once, which is recorded, final, and for everybody to check", async () => {
    const told = (who: Visitor, text: string) => who.page.locator(".notice", { hasText: text }).waitFor({ timeout: 60_000 });
    // Looked for from the beginning, on both pages: notices pass, also while the other page is slow.
    await Promise.all([
      table(eve).getByRole("button", { name: "Agree to this" }).click(),
      told(eve, "The green crate is yours now, and The blue crate is Ada's. It is recorded"),
      told(ada, "The blue crate is yours now, and The green crate is Eve's. It is recorded"),
      told(ada, "The trade with Eve is final"),
    ]);
    await table(ada).waitFor({ state: "detached" });
    expect(await owned(ada)).toEqual(["The blue crate", "The red crate"]);
    expect(await owned(eve)).toEqual(["The green crate"]);
    const look = async () => (await promisify(execFile)(binary, ["audit", at.a, "--loopback", "--state", join(hosts.a.folder, "a.audit")])).stdout;
    const { said } = { said: await look() };
    expect(said).toMatch(/Titles: +3 things; 4 new records, 0 of them/);
  });

  it("is about what the title is over, also where the thing was changed since", async () => {
    await ada.page.evaluate(`(async () => {
      const api = window.__manyworlds;
      const red = api.things().find((thing) => thing.name === "The red crate");
      await api.call("entity.change", { entity: red.entity, colour: "#2a9d8f", name: "No crate" });
    })()`);
    await openPanel(ada);
    await ada.page.locator("#panel-account button", { hasText: "Your things" }).click();
    await ada.page.locator("#panel-account .owned > li", { hasText: "The red crate" }).getByText("Looks different in its world by now").waitFor();
    expect(await ada.page.locator("#panel-account .owned").getByText("Looks different").count()).toBe(1);
    await freeze(ada, false);
    for (const [size, viewport] of Object.entries({ desktop: DESKTOP, phone: PHONE })) {
      await ada.page.setViewportSize(viewport);
      await ada.page.waitForTimeout(1_500);
      await ada.page.screenshot({ path: join(screenshots, `owned-changed-${size}.png`) });
    }
    await ada.page.setViewportSize({ width: 800, height: 600 });
  });

  it("begins from one's own things too, and ends with a no", async () => {
    const row = ada.page.locator("#panel-account .owned > li", { hasText: "The blue crate" });
    await row.getByRole("button", { name: "Trade The blue crate with somebody" }).click();
    expect(await axe(ada)).toEqual([]);
    await freeze(ada, false);
    await row.locator(".choose button", { hasText: "Eve" }).click();
    await table(ada).getByRole("button", { name: "Offer it" }).click();
    await table(eve).getByText("Choose a thing for each side first.").waitFor();
    await table(eve).getByRole("button", { name: "End the trade" }).click();
    await ada.page.locator(".notice", { hasText: "The trade with Eve was ended. Nothing has moved." }).waitFor();
    for (const visitor of [ada, eve]) visitor.clean();
    await Promise.all([ada, eve].map((visitor) => visitor.context.close()));
  });
});
