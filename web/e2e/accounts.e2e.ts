// A guest makes an account with a passkey, comes back by it, brings a further device, loses everything and recovers. Chromium's
// virtual authenticator (CDP, WebAuthn domain) stands for the person's device.

import { readFileSync } from "node:fs";
import type { Browser, CDPSession } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { authenticator, button, keepFile, openPanel } from "./account.ts";
import { freePort, type Host, oneWorld, startHost } from "./host.ts";
import { axe, DESKTOP, freeze, launch, PHONE, picture, violations, visit, type Visitor } from "./visitor.ts";

let host: Host;
let browser: Browser;
let origin = "";

beforeAll(async () => {
  const port = await freePort();
  origin = `http://a.localhost:${port}`;
  host = await startHost({ port, worlds: oneWorld("home", {}), args: ["--public-url", origin] });
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  await host?.dispose();
});

async function comeIn(options: Parameters<typeof visit>[2] = {}): Promise<Visitor> {
  const visitor = await visit(browser, `${origin}/w/home`, { calm: true, ...options });
  await visitor.inside("home");
  return visitor;
}

const account = (visitor: Visitor) => visitor.ask((api) => api.call("account.describe", {})) as Promise<{ account?: { id: string; did: string; passkeys: number } }>;

/** Several browsers at once, drawn by the processor of a slow machine. */
const PATIENCE_MS = 300_000;

describe("an account at home", { timeout: PATIENCE_MS }, () => {
  let ada: Visitor;
  let device: { cdp: CDPSession; id: string };
  let file = "";
  let before: { id: string; name: string } | null = null;
  let did = "";

  it("is made by a guest, who stays who they are", async () => {
    ada = await comeIn();
    device = await authenticator(ada);
    await ada.page.locator(".chip.name").click();
    await ada.page.locator("#name-field").fill("Ada");
    await ada.page.locator("#name-field").press("Enter");
    await ada.until((api) => api.visitor()?.name === "Ada", "the name");
    before = await ada.ask((api) => api.visitor());
    await openPanel(ada);
    await button(ada, "Create an account").click();
    file = await keepFile(ada, "Make a passkey");
    await ada.page.locator("#panel-account", { hasText: "Your home is a.localhost" }).waitFor();
    const now = await account(ada);
    expect(now.account?.passkeys).toBe(1);
    did = now.account?.did ?? "";
    expect(did).toMatch(/^did:webvh:Qm\w+:a\.localhost%3A\d+:people:[a-z2-7]{16}$/);
    expect(await ada.ask((api) => api.visitor())).toEqual(before);
    const { credentials } = await device.cdp.send("WebAuthn.getCredentials", { authenticatorId: device.id });
    expect(credentials).toMatchObject([{ rpId: "a.localhost", isResidentCredential: true }]);
    // Whoever asks may read the history; no private key is in it.
    const history = await (await fetch(`http://127.0.0.1:${host.port}/people/${now.account?.id}/did.jsonl`)).text();
    expect(JSON.parse(history.split("\n")[0]!)).toMatchObject({ parameters: { portable: true }, state: { id: did } });
    expect(history).not.toContain((JSON.parse(readFileSync(file, "utf8")) as { key: string }).key);
  });

  it("brings one back on a browser that remembers nothing, also after the host was killed", async () => {
    await host.end("SIGKILL");
    await host.start();
    const other = await comeIn();
    const phone = await authenticator(other);
    const { credentials } = await device.cdp.send("WebAuthn.getCredentials", { authenticatorId: device.id });
    // A passkey that the person's devices share.
    await phone.cdp.send("WebAuthn.addCredential", { authenticatorId: phone.id, credential: credentials[0]! });
    const guest = await other.ask((api) => api.visitor());
    expect(guest?.id).not.toBe(before?.id);
    await openPanel(other);
    await button(other, "Log in").first().click();
    await other.until((api) => api.visitor()?.name === "Ada", "Ada is back");
    expect((await other.ask((api) => api.visitor()))?.id).toBe(before?.id);
    await other.page.locator("#panel-account", { hasText: "Your home is" }).waitFor();
    other.clean();
    await other.context.close();
  });

  it("takes a further device by a code, once", async () => {
    await ada.page.reload({ waitUntil: "commit" });
    await ada.inside("home");
    await openPanel(ada);
    await button(ada, "Log in on another device").click();
    const code = (await ada.page.locator("#panel-account .code").textContent()) ?? "";
    const phone = await comeIn({ viewport: PHONE, phone: true });
    await authenticator(phone);
    await openPanel(phone);
    await button(phone, "I have a code").click();
    await phone.page.locator("#account-code").fill(code.toLowerCase());
    await button(phone, "Make a passkey").click();
    await phone.until((api) => api.visitor()?.name === "Ada", "Ada on the phone");
    await phone.page.locator("#panel-account", { hasText: "Your home is" }).waitFor();
    expect((await account(phone)).account?.passkeys).toBe(2);
    // The newest connection of a person counts; the other is told.
    await ada.until((api) => api.link().kind === "ended", "the laptop is told");
    await phone.context.close();
    const thief = await comeIn();
    await authenticator(thief);
    await openPanel(thief);
    await button(thief, "I have a code").click();
    await thief.page.locator("#account-code").fill(code);
    await button(thief, "Make a passkey").click();
    await thief.page.locator("#panel-account [role=alert]").waitFor();
    expect((await thief.ask((api) => api.visitor()))?.name).not.toBe("Ada");
    await thief.context.close();
  });

  it("is recovered by the file, which works once, and ends what was before", async () => {
    const fresh = await comeIn();
    await authenticator(fresh);
    await openPanel(fresh);
    await fresh.page.locator("#panel-account input[type=file]").setInputFiles(file);
    const next = await keepFile(fresh, "Take my account back");
    await fresh.until((api) => api.visitor()?.name === "Ada", "Ada is back");
    await button(fresh, "Add a passkey on this device").click();
    await fresh.page.locator("#panel-account ul.people li").waitFor();
    const now = (await account(fresh)).account;
    expect(now).toMatchObject({ did, passkeys: 1 });
    const history = await (await fetch(`http://127.0.0.1:${host.port}/people/${now?.id}/did.jsonl`)).text();
    expect(history.trim().split("\n")).toHaveLength(2);
    expect(readFileSync(next, "utf8")).not.toBe(readFileSync(file, "utf8"));
    // The old browser's token has ended: it is a guest now.
    await ada.page.reload({ waitUntil: "commit" });
    await ada.inside("home");
    expect((await ada.ask((api) => api.visitor()))?.id).not.toBe(before?.id);
    // And the old file recovers nothing any more.
    const late = await comeIn();
    await authenticator(late);
    await openPanel(late);
    await late.page.locator("#panel-account input[type=file]").setInputFiles(file);
    await keepFile(late, "Take my account back");
    await late.page.locator("#panel-account [role=alert]").waitFor();
    expect(await violations(fresh)).toEqual([]);
    fresh.clean();
    for (const one of [fresh, late, ada]) await one.context.close();
  });

  it("refuses a passkey of another page, and says why nothing works by the address", async () => {
    const visitor = await visit(browser, `http://127.0.0.1:${host.port}/w/home`, { calm: true });
    await visitor.inside("home");
    await openPanel(visitor);
    await visitor.page.locator("#panel-account a", { hasText: origin }).waitFor();
    await visitor.context.close();
  });
});

const looks = [
  { name: "desktop.en", viewport: DESKTOP, phone: false, locale: "en-GB", title: "Your account", create: "Create an account" },
  { name: "phone.zh", viewport: PHONE, phone: true, locale: "zh-CN", title: "你的账号", create: "创建账号" },
];
it.each(looks)("looks as it should, and axe finds nothing: $name", { timeout: PATIENCE_MS }, async ({ name, viewport, phone, locale, title, create }) => {
  const visitor = await comeIn({ viewport, phone, locale });
  await authenticator(visitor);
  await openPanel(visitor, title);
  await button(visitor, create).waitFor();
  await picture(visitor, `account.${name}.png`);
  expect(await axe(visitor)).toEqual([]);
  await freeze(visitor, false);
  // By the keyboard alone: the first button has the focus when the panel is there.
  await button(visitor, create).focus();
  await visitor.page.keyboard.press("Enter");
  await visitor.page.locator("#panel-account .check").waitFor();
  await picture(visitor, `account-file.${name}.png`);
  expect(await axe(visitor)).toEqual([]);
  await visitor.context.close();
});
