// What others build upon: the example client of docs/protocol.md, and <world-view> in a foreign page.

import { execFile } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Host, oneWorld, root, startHost } from "./host.ts";
import { launch } from "./visitor.ts";

const run = promisify(execFile);

describe("the example client of docs/protocol.md", () => {
  it("is short, and walks in, talks, and sees who is there", async () => {
    const file = join(root, "docs/example/client.mjs");
    expect(readFileSync(file, "utf8").split("\n").length).toBeLessThanOrEqual(80);
    const host = await startHost();
    try {
      const { stdout } = await run(process.execPath, [file, host.origin.replace("http", "ws"), "plaza", "3"], { timeout: 120_000 });
      const name = /I am (.+), entity \d+, in .*Plaza/.exec(stdout)?.[1];
      expect(name, stdout).toBeTruthy();
      expect(stdout).toContain(`${name}: Hello from a small client`);
      expect(stdout).not.toContain("put me back");
      // Its own way, as the host publishes it: a metre in the first second.
      const places = [...stdout.matchAll(new RegExp(`^${name} at (\\S+) (\\S+) (\\S+)$`, "gm"))].map((match) => match.slice(1).map(Number));
      expect(places.length).toBeGreaterThan(1);
      const [first, last] = [places[0] as number[], places[places.length - 1] as number[]];
      expect(Math.hypot((last[0] as number) - (first[0] as number), (last[2] as number) - (first[2] as number))).toBeLessThan(1.05);
      // Others, too: the simulated people of the plaza.
      expect(new Set([...stdout.matchAll(/^(.+) at /gm)].map((match) => match[1])).size).toBeGreaterThan(5);
    } finally {
      await host.dispose();
    }
  });
});

describe("<world-view> in a page of somebody else", () => {
  let browser: Browser;
  let page: Server;
  let host: Host;
  let worlds: string;
  let origin: string;
  let html = "";

  beforeAll(async () => {
    browser = await launch();
    page = createServer((_, response) => response.setHeader("content-type", "text/html").end(html)).listen(0, "127.0.0.1");
    await new Promise((resolve) => page.once("listening", resolve));
    origin = `http://127.0.0.1:${(page.address() as AddressInfo).port}`;
    worlds = oneWorld("tiny", {});
  });
  afterAll(async () => {
    await browser?.close();
    page?.close();
    await host?.dispose();
    rmSync(worlds, { recursive: true, force: true });
  });

  async function embedded(args: string[]) {
    await host?.dispose();
    host = await startHost({ worlds, args });
    html = `<!doctype html><script src="${host.origin}/world-view.js" async></script>
      <script>window.heard = []; for (const type of ["entered", "left", "error"]) addEventListener(type, (event) => event.detail && heard.push([type, event.detail.world ?? event.detail.reason]), true)</script>
      <world-view src="${host.origin}/w/tiny" language="zh" quality="low"></world-view>`;
    const context = await browser.newContext({ viewport: { width: 700, height: 500 } });
    const tab = await context.newPage();
    await tab.goto(origin);
    await tab.locator("world-view button").click();
    return { context, tab };
  }

  it("waits for a click, shows the world, and tells the page", async () => {
    const { context, tab } = await embedded(["--embed-origins", origin]);
    await tab.waitForFunction(() => (window as unknown as { heard: string[][] }).heard.some(([type, what]) => type === "entered" && what === "tiny"), undefined, { timeout: 60_000 });
    await tab.frameLocator("world-view iframe").locator(".chip.place", { hasText: "小世界" }).waitFor({ timeout: 60_000 });
    await context.close();
  });

  it("says so, with a link, when the host does not allow the page", async () => {
    const { context, tab } = await embedded([]);
    await tab.locator("world-view [role=alert]").waitFor({ timeout: 60_000 });
    expect(await tab.locator("world-view a").getAttribute("href")).toBe(`${host.origin}/w/tiny`);
    await context.close();
  });
});
