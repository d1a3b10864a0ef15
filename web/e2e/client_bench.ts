// What a frame costs the browser in a full world: `manyworlds-bench client` starts a host and runs this with its address.
// Prints one JSON object. Script time is Chromium's own measure of everything the page's scripts did (messages decoded,
// people followed, draw calls issued), divided by the frames drawn. With --no-graphics the draw calls do nothing, so that
// what is measured is the script and not a processor that draws.

import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";

interface Api {
  phase(): string;
  stats(): { drawCalls: number; triangles: number; fps: number; avatars: number; far: number; quality: string };
  crowdCost(): { milliseconds: number; perLevel: number[]; drawCalls?: number; triangles?: number };
}

const { values } = parseArgs({
  options: {
    url: { type: "string" },
    seconds: { type: "string", default: "10" },
    quality: { type: "string", default: "high" },
    avatars: { type: "string", default: "0" },
    "no-graphics": { type: "boolean", default: false },
  },
});

const executablePath = process.env["MW_CHROMIUM"] ?? ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find(existsSync);
const browser = await chromium.launch({
  executablePath,
  args: [
    ...["--headless", "--no-sandbox", "--no-first-run", "--disable-background-networking"],
    ...["--disable-component-update", "--disable-sync", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"],
    "--use-angle=swiftshader",
  ],
});
try {
  const page = await browser.newPage({ viewport: { width: 320, height: 180 }, reducedMotion: "reduce" });
  if (values["no-graphics"]) {
    await page.addInitScript(() => {
      const nothing = { drawElements() {}, drawArrays() {}, drawElementsInstanced() {}, drawArraysInstanced() {} };
      Object.assign(WebGL2RenderingContext.prototype, nothing);
    });
  }
  const problems: string[] = [];
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  page.on("pageerror", (error) => problems.push(String(error)));
  const url = new URL(values.url ?? "");
  url.searchParams.set("test", "1");
  url.searchParams.set("quality", values.quality);
  await page.goto(url.href, { waitUntil: "commit" });
  const ask = <T>(text: string) => page.evaluate(`(() => { const api = window.__manyworlds; return ${text}; })()`) as Promise<T>;
  const until = async (text: string, what: string) => {
    for (const from = Date.now(); ; await page.waitForTimeout(200)) {
      if (await ask<boolean>(`Boolean(api && (${text}))`).catch(() => false)) return;
      if (Date.now() - from > 40_000) throw new Error(`waited in vain: ${what} (${await ask("JSON.stringify([api?.phase(), api?.crowdCost(), api?.stats()])").catch(String)}; ${problems.join(" | ")})`);
    }
  };
  await until('api.phase() === "in"', "inside the world");
  await until(`api.stats().avatars + api.stats().far >= 0.98 * ${Number(values.avatars)}`, `${values.avatars} avatars`);
  await page.waitForTimeout(3000);
  await page.evaluate("window.__frames = 0; (function count() { window.__frames++; requestAnimationFrame(count); })()");
  const session = await page.context().newCDPSession(page);
  // The processor time of the page, whatever else the machine does.
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  const metric = async (name: string) =>
    (await session.send("Performance.getMetrics")).metrics.find((one) => one.name === name)?.value ?? 0;
  const frames = () => page.evaluate("window.__frames") as Promise<number>;
  const before = [await metric("ScriptDuration"), await frames()] as const;
  await page.waitForTimeout(1000 * Number(values.seconds));
  const after = [await metric("ScriptDuration"), await frames()] as const;
  const drawn = after[1] - before[1];
  const stats = await ask<ReturnType<Api["stats"]>>("api.stats()");
  const crowd = await ask<ReturnType<Api["crowdCost"]>>("api.crowdCost()");
  console.log(
    JSON.stringify({
      avatars: stats.avatars,
      far: stats.far,
      quality: stats.quality,
      frames_per_s: +(drawn / Number(values.seconds)).toFixed(1),
      script_ms: +((1000 * (after[0] - before[0])) / Math.max(drawn, 1)).toFixed(2),
      crowd_ms: +crowd.milliseconds.toFixed(2),
      crowd_draw_calls: crowd.drawCalls,
      crowd_triangles: crowd.triangles,
      draw_calls: stats.drawCalls,
      triangles: stats.triangles,
      per_level: crowd.perLevel,
    }),
  );
} finally {
  await browser.close();
}
