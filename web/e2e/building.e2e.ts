// An operator builds; the other sees it at once; undo; and what was acknowledged survives kill -9.

import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Host, startHost } from "./host.ts";
import { launch, visit, type Visitor } from "./visitor.ts";

let host: Host;
let browser: Browser;
let operator: Visitor;
let guest: Visitor;

beforeAll(async () => {
  host = await startHost();
  browser = await launch();
  operator = await visit(browser, await host.operatorLink(), { viewport: { width: 900, height: 600 } });
  await operator.inside();
  guest = await visit(browser, `${host.origin}/w/${await operator.ask((api) => api.world())}`);
  await guest.inside();
});
afterAll(async () => {
  await browser?.close();
  await host?.dispose();
});

describe("an operator", () => {
  it("came by the link, which is gone from the address and works once", async () => {
    expect(await operator.ask((api) => api.visitor()?.role)).toBe("operator");
    expect(operator.page.url()).not.toContain("operator");
    const again = await visit(browser, await host.operatorLink());
    await again.inside();
    expect(await again.ask((api) => api.visitor()?.role)).toBe("guest");
    expect(await again.page.locator(".notice.problem").textContent()).toContain("operator link");
    await again.context.close();
  });

  it("puts up a thing by clicking, and the guest sees it at once", async () => {
    await operator.page.locator("button.tool[aria-label='Build in this world']").click();
    await operator.page.locator("[data-model=bench]").click();
    // Somebody who walks through the ray is no place for a bench.
    await operator.until((api) => {
      const hit = api.pick(430, 470);
      return hit.point && hit.person === undefined;
    }, "a free place");
    await operator.page.mouse.move(430, 470);
    await operator.page.mouse.click(430, 470);
    await guest.until((api) => api.things().some((thing) => thing.model === "bench"), "the bench");
  });

  it("takes it back and does it again, for everyone", async () => {
    await operator.page.locator("button", { hasText: "Undo" }).click();
    await guest.until((api) => api.things().length === 0, "no bench");
    await operator.page.locator("button", { hasText: "Redo" }).click();
    await guest.until((api) => api.things().length === 1, "the bench again");
  });

  it("changes it by calls, and everyone sees the change", async () => {
    await operator.until((api) => api.things().length === 1, "the operator's own bench");
    const [thing] = await operator.ask((api) => api.things());
    await operator.page.evaluate(`window.__manyworlds.call("entity.change", { entity: ${thing?.entity}, name: "Ada's bench", scale: 1.5, colour: "#e4572e" })`);
    await guest.until((api) => api.things()[0]?.name === "Ada's bench" && api.things()[0]?.scale === 1.5, "the change");
  });

  it("may what a guest may not", async () => {
    const refused = await guest.page.evaluate(
      `window.__manyworlds.call("entity.add", { model: "bench", position: [0, 0, 0] }).then(() => "done", (error) => error.key)`,
    );
    expect(refused).toBe("forbidden");
  });

  it("finds what was acknowledged after the host was killed", async () => {
    await host.end("SIGKILL");
    await host.start();
    await guest.until((api) => api.link().kind === "open" && api.things()[0]?.name === "Ada's bench", "the bench after the crash", 30_000);
  });

  it("sees the host's figures, and can remove a visitor, who is told so", async () => {
    await operator.until((api) => api.link().kind === "open" && api.phase() === "in", "the operator is back");
    await operator.page.keyboard.press("Escape");
    await operator.page.locator("button.tool[aria-label='Operator']").click();
    await operator.page.locator(".figures-list dd").first().waitFor();
    // By name: until the operator is inside again, the list has also those who were there before the crash.
    const name = (await guest.ask((api) => api.visitor()))?.name ?? "";
    await operator.page.locator(".people li", { hasText: name }).locator("button.danger").click();
    await guest.until((api) => api.link().kind === "ended" && api.link().reason === "removed", "removed");
    await guest.page.locator(".card", { hasText: "You were removed" }).waitFor();
    await guest.page.reload();
    await guest.page.locator(".card", { hasText: "You were removed" }).waitFor();
  });
});

