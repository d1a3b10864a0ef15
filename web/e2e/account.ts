// What accounts need in a browser: Chromium's virtual authenticator (CDP, WebAuthn domain) stands for the person's device; the panel.

import type { CDPSession } from "playwright-core";
import type { Visitor } from "./visitor.ts";

/** `hasPrf`: it can make a secret of its own for a key to be wrapped by. */
export async function authenticator(visitor: Visitor, hasPrf = false): Promise<{ cdp: CDPSession; id: string }> {
  const cdp = await visitor.context.newCDPSession(visitor.page);
  await cdp.send("WebAuthn.enable");
  const options = { protocol: "ctap2" as const, ctap2Version: "ctap2_1" as const, transport: "internal" as const, hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true, hasPrf };
  const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", { options });
  return { cdp, id: authenticatorId };
}

export const button = (visitor: Visitor, name: string) => visitor.page.locator("#panel-account button", { hasText: name });

export async function openPanel(visitor: Visitor, label = "Your account"): Promise<void> {
  if (await visitor.page.locator("#panel-account").count()) return;
  await visitor.page.locator(`.tool[aria-label="${label}"]`).click();
  await visitor.page.locator("#panel-account").waitFor();
}

/** Saves the file that is shown, ticks, and goes on. */
export async function keepFile(visitor: Visitor, go: string): Promise<string> {
  const download = visitor.page.waitForEvent("download");
  await button(visitor, "Save the file").click();
  const path = await (await download).path();
  await visitor.page.locator("#panel-account .check input").check();
  await button(visitor, go).click();
  return path;
}

/** A guest makes an account, as people do. */
export async function makeAccount(visitor: Visitor, hasPrf = false): ReturnType<typeof authenticator> {
  const device = await authenticator(visitor, hasPrf);
  await openPanel(visitor);
  await button(visitor, "Create an account").click();
  await keepFile(visitor, "Make a passkey");
  await visitor.page.locator("#panel-account", { hasText: "Your home is" }).waitFor();
  await visitor.page.keyboard.press("Escape");
  return device;
}
