// A crowd that is cut into cells: everybody is there, stays there, and moves, also for somebody who walks through it.

import { type ChildProcess, spawn } from "node:child_process";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Host, binary, startHost } from "./host.ts";
import { launch, visit } from "./visitor.ts";

const BOTS = 400;

describe("a crowd of several cells", () => {
  let browser: Browser;
  let host: Host;
  let bots: ChildProcess;
  beforeAll(async () => {
    [browser, host] = await Promise.all([launch(), startHost()]);
    const args = ["--world", "plaza", "--count", String(BOTS), "--seconds", "180", "--side", "30", "--hz", "10"];
    bots = spawn(binary, ["bots", host.origin, ...args], { stdio: "ignore" });
  });
  afterAll(async () => {
    bots?.kill();
    await browser?.close();
    await host?.dispose();
  });

  it("is there, whole and moving", { timeout: 150_000 }, async () => {
    const visitor = await visit(browser, `${host.origin}/w/plaza`, { quality: "low" });
    await visitor.inside("plaza");
    await visitor.until((api) => api.stats().avatars >= 430, "everybody, simulated people too", 60_000);
    const before = await visitor.ask((api) => api.avatars());
    // Nobody vanishes while cells group anew, split, and change their level.
    for (let i = 0; i < 16; i++) {
      await visitor.page.waitForTimeout(500);
      expect(await visitor.ask((api) => api.stats().avatars)).toBeGreaterThanOrEqual(430);
    }
    const after = new Map((await visitor.ask((api) => api.avatars())).map((avatar) => [avatar.entity, avatar]));
    const moved = before.filter(({ entity, x, z }) => {
      const now = after.get(entity);
      return now && Math.hypot(now.x - x, now.z - z) > 1;
    });
    expect(moved.length).toBeGreaterThan(BOTS / 3);
    visitor.clean();
    await visitor.context.close();
  });
});
