// A browser that walks in: Debian's Chromium without a window, one context for each visitor.

import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import type { Person, Thing, WorldDetail } from "@manyworlds/protocol";
import { expect } from "vitest";
import { root } from "./host.ts";

export const screenshots = join(root, "build/screenshots");
mkdirSync(screenshots, { recursive: true });

const dist = process.env["MW_DIST"];

export const DESKTOP = { width: 1440, height: 900 };
export const PHONE = { width: 390, height: 844 };
export const SMALL = { width: 480, height: 300 };

/** The processor draws: pictures at full rate would take the time of everything else, for tests that do not look at motion. */
const PACE = 2000;

/** Before a button is pressed it is to stand still for two pictures; those take seconds where the machine has other work. */
const PATIENCE = 60_000;

export async function launch(): Promise<Browser> {
  const executablePath = process.env["MW_CHROMIUM"] ?? ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find(existsSync);
  return chromium.launch({
    executablePath,
    args: [
      "--headless",
      "--no-sandbox",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      // The picture is drawn by the processor: slow, but the same everywhere.
      "--use-angle=swiftshader",
      "--enable-unsafe-swiftshader",
      "--ignore-gpu-blocklist",
      // Files that the test shows itself come from no network, and such pages may not reach this machine.
      ...(dist ? ["--disable-features=LocalNetworkAccessChecks"] : []),
    ],
  });
}

export interface Avatar {
  entity: number;
  x: number;
  y: number;
  z: number;
  animation: number;
}

/** The page's window.__manyworlds (packages/app/src/testing.ts), as far as tests ask. */
export interface TestApi {
  phase(): string;
  link(): { kind: string; reason?: string };
  queue(): { world: string; position: number; reason: "full" | "quality" } | null;
  world(): string | null;
  detail(): WorldDetail | null;
  visitor(): { id: string; name: string; role: string; language: string; home?: string } | null;
  self(): { entity: number; x: number; y: number; z: number; yaw: number } | null;
  avatars(): Avatar[];
  people(): Person[];
  chat(): { name: string; text: string }[];
  things(): Thing[];
  pick(x: number, y: number): { point: readonly number[] | null; person?: number };
  stats(): { drawCalls: number; triangles: number; fps: number; avatars: number; far: number; fading: number; held: number; scriptMs: number };
  own(): Promise<{ figures: number; whole: number; triangles: number }>;
  crowdCost(): { drawCalls?: number; triangles?: number };
  enteredMs(): number;
  cameraYaw(): number;
  setCamera(options: object): void;
  labels(): { kind: string; entity: number; portal: string; x: number; y: number; distance: number }[];
  travel(world: string): Promise<void>;
  call(method: string, params: object): Promise<unknown>;
}

export interface VisitorOptions {
  viewport?: { width: number; height: number };
  locale?: string;
  phone?: boolean;
  quality?: string;
  /** Milliseconds from one picture to the next at least; 0 for a test of what is drawn while something moves. */
  pace?: number;
  /** Reduced motion: no flight of the camera at entering. */
  calm?: boolean;
  context?: BrowserContext;
  /** The world's scene is not sent before this is met: for a look at the loading screen. */
  hold?: Promise<void>;
}

export class Visitor {
  readonly problems: string[] = [];
  constructor(
    readonly page: Page,
    readonly context: BrowserContext,
    private readonly pace = 0,
  ) {
    page.on("console", (message) => {
      const text = message.text();
      // A host that is down or says no is part of some tests; the browser itself reports those.
      if (message.type() === "error" && !/WebSocket connection|Failed to load resource|net::ERR/.test(text)) this.problems.push(text);
    });
    page.on("pageerror", (error) => this.problems.push(String(error.stack ?? error)));
  }

  ask<T>(question: (api: TestApi) => T): Promise<Awaited<T>> {
    return this.page.evaluate(`(${question.toString()})(window.__manyworlds)`) as Promise<Awaited<T>>;
  }

  async until(question: (api: TestApi) => unknown, what: string, timeout = PATIENCE): Promise<void> {
    // Asked from here: the page's policy forbids it to evaluate text by itself.
    const code = `Boolean(window.__manyworlds && (${question.toString()})(window.__manyworlds))`;
    for (const from = Date.now(); ; await this.page.waitForTimeout(100)) {
      const met = await this.page.evaluate(code).catch(() => false); // the page may be on its way to another
      if (met) return;
      if (Date.now() - from < timeout) continue;
      const state = await this.page.evaluate("JSON.stringify([window.__manyworlds?.phase(), window.__manyworlds?.link()])").catch(String);
      throw new Error(`waited in vain: ${what} (${String(state)}; problems: ${this.problems.join(" | ")})`);
    }
  }

  /** Waits until the visitor stands in a world. */
  inside(world?: string, timeout = PATIENCE): Promise<void> {
    const name = JSON.stringify(world ?? null);
    const question = `(api) => api.phase() === "in" && (${name} === null || api.world() === ${name})`;
    return this.until({ toString: () => question } as unknown as (api: TestApi) => unknown, `inside ${world ?? "a world"}`, timeout);
  }

  async walk(key: string, ms: number): Promise<void> {
    await this.page.keyboard.down(key);
    await this.page.waitForTimeout(ms);
    await this.page.keyboard.up(key);
  }

  /** Holds a key until one has come so far; a slow machine draws few pictures, and steps with them. */
  async walkSome(metres: number, key = "KeyW"): Promise<void> {
    const from = await this.ask((api) => api.self());
    await this.page.locator("canvas.view").focus();
    await this.page.keyboard.down(key);
    try {
      await this.gone(from, metres);
    } finally {
      await this.page.keyboard.up(key);
    }
  }

  /** Waits until one is so far from there, however long the pictures take that one walks by. */
  async gone(from: { x: number; z: number } | null, metres: number): Promise<void> {
    await expect
      .poll(async () => {
        const now = await this.ask((api) => api.self());
        return now && from ? Math.hypot(now.x - from.x, now.z - from.z) : 0;
      }, { timeout: 60_000 })
      .toBeGreaterThan(metres);
  }

  /** Draws what has come so far, whatever the pace: who is not in the picture then is left out of it. */
  async redraw(): Promise<void> {
    await this.page.evaluate(`(async () => {
      window.__manyworlds.pace(0);
      for (let i = 0; i < 3; i++) await new Promise(requestAnimationFrame);
      window.__manyworlds.pace(${this.pace});
    })()`);
  }

  async say(text: string): Promise<void> {
    await this.page.keyboard.press("Enter");
    const field = this.page.locator("form.say input");
    await field.fill(text);
    await field.press("Enter");
  }

  clean(): void {
    expect(this.problems).toEqual([]);
  }
}

export async function visit(browser: Browser, address: string, options: VisitorOptions = {}): Promise<Visitor> {
  const context = options.context ?? (await browser.newContext({
    viewport: options.viewport ?? SMALL,
    locale: options.locale ?? "en-US",
    ...(options.calm ? { reducedMotion: "reduce" as const } : {}),
    ...(options.phone ? { hasTouch: true, isMobile: true } : {}),
  }));
  if (dist) await showFolder(context, dist);
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  if (options.hold) {
    await page.route(/\/scene\.glb/, async (route) => {
      await options.hold;
      await route.continue();
    });
  }
  await page.addInitScript(() => {
    const seen: string[] = [];
    (window as unknown as { __violations: string[] }).__violations = seen;
    addEventListener("securitypolicyviolation", (event) => seen.push(`${event.effectiveDirective} ${event.blockedURI}`));
  });
  const pace = options.pace ?? PACE;
  const visitor = new Visitor(page, context, pace);
  const url = new URL(address);
  url.searchParams.set("test", "1");
  url.searchParams.set("quality", options.quality ?? "low");
  url.searchParams.set("pace", String(pace));
  await page.goto(url.href, { waitUntil: "commit" });
  return visitor;
}

export async function violations(visitor: Visitor): Promise<string[]> {
  return visitor.page.evaluate(() => (window as unknown as { __violations: string[] }).__violations);
}

/** For work on the client: MW_DIST names a folder whose files are shown instead of those in the binary. */
async function showFolder(context: BrowserContext, folder: string): Promise<void> {
  await context.route(/\/(w\/[^/]*|assets\/.*|world-view\.js)?(\?.*)?$/, async (route) => {
    const path = new URL(route.request().url()).pathname;
    const page = path === "/" || path.startsWith("/w/");
    const file = join(folder, page ? "index.html" : path);
    if (!existsSync(file)) return route.continue(); // of a page that the folder does not show
    // The host's own headers, its policy above all. Names under localhost are the browser's own knowledge.
    const front = new URL("/", route.request().url());
    if (front.hostname.endsWith(".localhost")) front.hostname = "127.0.0.1";
    const { ["content-length"]: _length, ["content-encoding"]: _encoding, ...headers } = (await route.fetch({ url: front.href })).headers();
    const types: Record<string, string> = { html: "text/html", js: "text/javascript", css: "text/css", svg: "image/svg+xml", wasm: "application/wasm" };
    await route.fulfill({ body: readFileSync(file), headers: { ...headers, "content-type": types[file.split(".").pop() ?? ""] ?? "" } });
  });
}

/** Whether the mirror shows anything yet: it is open before its shaders are compiled, and black until then. */
export function lit(visitor: Visitor): Promise<boolean> {
  return visitor.page.evaluate(() => {
    const canvas = document.querySelector<HTMLCanvasElement>("canvas.stage") as HTMLCanvasElement;
    const { data } = (canvas.getContext("2d") as CanvasRenderingContext2D).getImageData(0, 0, canvas.width, canvas.height);
    return data.some((value, i) => i % 4 < 3 && value > 0);
  });
}

/** Stops drawing (and walking), so that a slow machine, whose processor draws, has time for the interface. */
export async function freeze(visitor: Visitor, on: boolean): Promise<void> {
  await visitor.page.evaluate(`window.__manyworlds?.freeze(${on})`);
}

/** A picture for people to judge. Nothing more is drawn from then on, until freeze(visitor, false). */
export async function picture(visitor: Visitor, name: string, type: "png" | "jpeg" = "png"): Promise<Buffer> {
  // Some pictures of how it stands now, whatever the pace.
  await visitor.page.evaluate("window.__manyworlds?.freeze(false), window.__manyworlds?.pace(0)");
  await visitor.page.waitForTimeout(700);
  await freeze(visitor, true);
  await visitor.page.evaluate(`window.__manyworlds?.pace(${PACE})`);
  await visitor.page.waitForTimeout(300);
  const quality = type === "jpeg" ? { quality: 84 } : {};
  return visitor.page.screenshot({ path: join(screenshots, name), type, timeout: 60_000, ...quality });
}

const axeSource = readFileSync(join(root, "web/node_modules/axe-core/axe.min.js"), "utf8");

/** What axe finds wrong with the page now, one line each. */
export async function axe(visitor: Visitor): Promise<string[]> {
  // Panels rise for 160 ms, which a slow machine begins late; measured meanwhile, their colours are not theirs. Nothing is
  // drawn from here on, until freeze(visitor, false).
  await freeze(visitor, true);
  await visitor.page.waitForTimeout(350);
  await visitor.page.evaluate(async () => {
    const rising = document.getAnimations().filter((one) => one.effect?.getComputedTiming().endTime !== Number.POSITIVE_INFINITY);
    await Promise.allSettled(rising.map((one) => one.finished));
  });
  await visitor.page.evaluate(axeSource);
  return visitor.page.evaluate(async () => {
    type Found = { violations: { id: string; nodes: { target: unknown; failureSummary: string }[] }[] };
    const { axe: tool } = window as unknown as { axe: { run(): Promise<Found> } };
    const found = await tool.run();
    return found.violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${String(node.target)} ${node.failureSummary}`));
  });
}
