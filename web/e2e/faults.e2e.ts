// What goes wrong in the world outside: a lost host, a full world, hostile words, another version, a second window.

import { rmSync } from "node:fs";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Host, oneWorld, startHost } from "./host.ts";
import { axe, freeze, launch, type TestApi, violations, visit, type Visitor } from "./visitor.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser?.close());

describe("a host that is killed and started again", () => {
  let host: Host;
  let visitor: Visitor;
  beforeAll(async () => {
    host = await startHost();
    visitor = await visit(browser, `${host.origin}/w/plaza`);
    await visitor.inside("plaza");
  });
  afterAll(async () => {
    await visitor?.context.close();
    await host?.dispose();
  });

  it("gets its visitors back by themselves, with name and place", async () => {
    await visitor.page.evaluate(`window.__manyworlds.call("visitor.change", { name: "Quiet Tester" })`);
    await visitor.walkSome(1.5);
    // Places are kept every few seconds, not at every step.
    await visitor.page.waitForTimeout(6000);
    const before = await visitor.ask((api) => api.self());
    const id = await visitor.ask((api) => api.visitor()?.id);
    await visitor.page.evaluate("window.__left = window.__manyworlds.detail()");
    await host.end("SIGKILL");
    await visitor.page.locator(".banner", { hasText: /Attempt \d/ }).waitFor();
    expect(await axe(visitor)).toEqual([]);
    await freeze(visitor, false);
    await host.start();
    await visitor.until((api) => api.link().kind === "open" && api.phase() === "in" && api.self() !== null, "back", 40_000);
    // As the host says it, and not as it was remembered here.
    const again = (api: TestApi) => api.detail() !== null && api.detail() !== (window as unknown as { __left: unknown }).__left && api.self() !== null;
    await visitor.until(again, "in the world again");
    expect(await visitor.ask((api) => api.visitor())).toMatchObject({ id, name: "Quiet Tester" });
    const after = await visitor.ask((api) => api.self());
    expect(Math.hypot((after?.x ?? 99) - (before?.x ?? 0), (after?.z ?? 99) - (before?.z ?? 0))).toBeLessThan(1.5);
    await visitor.until((api) => api.people().some((person) => person.name === "Quiet Tester"), "on the list again");
    expect(await visitor.page.locator(".banner").count()).toBe(0);
  });

  it("is told as a restart when the host says goodbye", async () => {
    const ended = host.end("SIGTERM");
    await visitor.page.locator(".banner", { hasText: "restarting" }).waitFor();
    await ended;
    await host.start();
    await visitor.until((api) => api.link().kind === "open", "back", 40_000);
  });

  it("shows one visitor in one window, and says so in the other", async () => {
    const second = await visit(browser, `${host.origin}/w/plaza`, { context: visitor.context });
    await second.inside("plaza");
    await visitor.page.locator(".card", { hasText: "another window" }).waitFor();
    expect(await axe(visitor)).toEqual([]);
    const id = await second.ask((api) => api.visitor()?.id);
    await visitor.page.locator("button", { hasText: "as another guest" }).click();
    // The page that is about to go still stands in the plaza, by a link that has ended.
    await visitor.until((api) => api.link().kind === "open", "a link of the new page");
    await visitor.inside("plaza");
    expect(await visitor.ask((api) => api.visitor()?.id)).not.toBe(id);
    expect(await second.ask((api) => api.link().kind)).toBe("open");
  });
});

describe("a full world", () => {
  let host: Host;
  let worlds: string;
  beforeAll(async () => {
    worlds = oneWorld("tiny", { capacity: 1 });
    host = await startHost({ worlds });
  });
  afterAll(async () => {
    await host?.dispose();
    rmSync(worlds, { recursive: true, force: true });
  });

  it("shows the position in its queue, and lets the next one in", async () => {
    const first = await visit(browser, `${host.origin}/w/tiny`);
    await first.inside("tiny");
    const second = await visit(browser, `${host.origin}/w/tiny`);
    await second.until((api) => api.queue()?.position === 1, "in the queue");
    const third = await visit(browser, `${host.origin}/w/tiny`);
    await third.until((api) => api.queue()?.position === 2, "second in the queue");
    await third.page.locator(".card", { hasText: "full" }).waitFor();
    expect(await axe(third)).toEqual([]);
    await first.page.evaluate(`window.__manyworlds.call("world.leave", {})`);
    await second.inside("tiny");
    await third.until((api) => api.queue()?.position === 1, "moved up");
    for (const visitor of [first, second, third]) await visitor.context.close();
  });
});

describe("hostile words", () => {
  const hostile = `<img src=x onerror="window.__hacked=1"><script>window.__hacked=1</script>`;
  let host: Host;
  let worlds: string;
  beforeAll(async () => {
    worlds = oneWorld("words", { title: `<b onclick="window.__hacked=1">Words</b>` });
    host = await startHost({ worlds });
  });
  afterAll(async () => {
    await host?.dispose();
    rmSync(worlds, { recursive: true, force: true });
  });

  it("are shown as words, in chat, names, signs and titles, and run nothing", async () => {
    const mallory = await visit(browser, `${host.origin}/w/words`);
    const victim = await visit(browser, `${host.origin}/w/words`);
    await Promise.all([mallory.inside("words"), victim.inside("words")]);
    const call = (method: string, params: object) =>
      mallory.page.evaluate(`window.__manyworlds.call(${JSON.stringify(method)}, ${JSON.stringify(params)}).then(() => "ok", (error) => error.key)`);
    expect(await call("visitor.change", { name: "<i>x</i>" })).toBe("ok");
    expect(await call("chat.say", { text: hostile })).toBe("ok");
    const self = await mallory.ask((api) => api.self());
    expect(await call("entity.add", { model: "bench", position: [self?.x, self?.y, (self?.z ?? 0) - 2], name: "<u>bench</u>" })).toBe("ok");
    await victim.until((api) => api.chat().some((message) => message.text.includes("<script>")), "the words");
    await victim.until((api) => api.things().some((thing) => thing.name === "<u>bench</u>"), "the bench");
    await victim.page.keyboard.press("Enter");
    await victim.page.locator(".history", { hasText: "<script>window.__hacked=1</script>" }).waitFor();
    await victim.page.keyboard.press("Escape");
    await victim.page.locator(".chip.place").click();
    await victim.page.locator(".people .name", { hasText: "<i>x</i>" }).waitFor();
    await victim.redraw(); // the tags, too
    expect(await victim.page.locator(".tags img, .history img, .people i, .panel b, .tag u").count()).toBe(0);
    expect(await victim.page.evaluate(() => (window as unknown as { __hacked?: number }).__hacked)).toBeUndefined();
    expect(await violations(victim)).toEqual([]);
    victim.clean();
    for (const visitor of [mallory, victim]) await visitor.context.close();
  });

  it("are refused when too long, with the field's name, and the visitor stays", async () => {
    const visitor = await visit(browser, `${host.origin}/w/words`);
    await visitor.inside("words");
    await visitor.page.locator(".chip.name").click();
    const field = visitor.page.locator("#name-field");
    await field.evaluate((input: HTMLInputElement) => input.removeAttribute("maxlength"));
    await field.fill("x".repeat(60));
    await field.press("Enter");
    await visitor.page.locator("#name-error").waitFor();
    expect(await visitor.page.locator("#name-error").textContent()).toMatch(/name|long|large/i);
    expect(await visitor.ask((api) => api.link().kind)).toBe("open");
    await visitor.context.close();
  });
});

describe("a page and a host that do not match", () => {
  it("say so plainly, and offer to load again", async () => {
    const worlds = oneWorld("tiny", {});
    const host = await startHost({ worlds });
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.routeWebSocket(/\/connect$/, (socket) => {
      const server = socket.connectToServer();
      socket.onMessage((message) => server.send(typeof message === "string" ? message.replace('"protocol":1', '"protocol":99') : message));
      server.onMessage((message) => socket.send(message));
    });
    await page.goto(`${host.origin}/w/tiny`);
    await page.locator(".card", { hasText: "do not match" }).waitFor();
    await context.close();
    await host.dispose();
    rmSync(worlds, { recursive: true, force: true });
  });
});
