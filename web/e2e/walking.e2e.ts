// Walking through the gate itself, and walls that hold.

import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Host, startHost } from "./host.ts";
import { launch, visit, type Visitor } from "./visitor.ts";

let host: Host;
let browser: Browser;
let visitor: Visitor;

beforeAll(async () => {
  host = await startHost();
  browser = await launch();
  visitor = await visit(browser, `${host.origin}/w/plaza`, { pace: 0 });
  await visitor.inside("plaza");
});
afterAll(async () => {
  await browser?.close();
  await host?.dispose();
});

/** Turns the camera towards a place and walks there, as a person would, around what is in the way. */
async function walkTo(who: Visitor, x: number, z: number, near: number, world: string, run: boolean): Promise<void> {
  await who.page.locator("canvas.view").focus();
  if (run) await who.page.keyboard.down("ShiftLeft");
  await who.page.keyboard.down("KeyW");
  let stuck = 0;
  let last = { x: Number.NaN, z: Number.NaN };
  // One steps with the pictures: whoever has not moved between two looks within one is not stuck.
  const step = "new Promise((next) => setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(next)), 100))";
  for (const from = Date.now(); Date.now() - from < 60_000; await who.page.evaluate(step)) {
    const [self, where] = await who.ask((api) => [api.self(), api.world()] as const);
    if (where !== world || !self) break;
    if (Math.hypot(x - self.x, z - self.z) < near) break;
    // At a run one would be past it between two looks of a slow machine.
    if (Math.hypot(x - self.x, z - self.z) < 5) await who.page.keyboard.up("ShiftLeft");
    stuck = Math.hypot(self.x - last.x, self.z - last.z) < 0.05 ? stuck + 1 : 0;
    last = self;
    const aside = stuck > 2 ? 1.3 : 0;
    const yaw = Math.atan2(x - self.x, z - self.z) + aside;
    await who.page.evaluate(`window.__manyworlds.setCamera({ yaw: ${yaw} })`);
  }
  await who.page.keyboard.up("KeyW");
  await who.page.keyboard.up("ShiftLeft");
}

it("walks through the gate to the garden", async () => {
  const portal = await visitor.ask((api) => api.detail()?.portals.find((item) => "world" in item.to && item.to.world === "garden") ?? null);
  if (!portal) throw new Error("the plaza has no gate to the garden");
  const [px, , pz] = portal.position;
  const self = await visitor.ask((api) => api.self());
  // From the side on which one stands, straight through the middle.
  const side = (self!.x - px) * Math.sin(portal.yaw) + (self!.z - pz) * Math.cos(portal.yaw) >= 0 ? 1 : -1;
  const before = { x: px + side * 3 * Math.sin(portal.yaw), z: pz + side * 3 * Math.cos(portal.yaw) };
  await walkTo(visitor, before.x, before.z, 1, "plaza", true);
  await visitor.page.locator(".prompt", { hasText: "Garden" }).waitFor();
  await walkTo(visitor, px - side * 2 * Math.sin(portal.yaw), pz - side * 2 * Math.cos(portal.yaw), 0.5, "plaza", false);
  await visitor.inside("garden");
});

it("is put back by the host when the client lies about its place", async () => {
  const before = await visitor.ask((api) => api.self());
  await visitor.page.evaluate("window.__manyworlds.lie(40)");
  await visitor.until((api) => api.self() !== null, "a place");
  await expect
    .poll(async () => {
      const self = await visitor.ask((api) => api.self());
      return self && before ? Math.hypot(self.x - before.x, self.z - before.z) : 99;
    }, { timeout: 30_000 })
    .toBeLessThan(3);
});
