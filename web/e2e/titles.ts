// Things that are somebody's by a record in the log.

import { expect } from "vitest";
import type { Visitor } from "./visitor.ts";

/** Puts up one crate, and makes its title; the log takes records once its witness has answered. */
export async function titled(visitor: Visitor, name: string, x: number, colour = "#e4572e"): Promise<void> {
  const thing = JSON.stringify({ model: "crate", position: [x, 0, 6], name, colour });
  // Once: the page hears of its own crate after the answer, and asked meanwhile would put up another.
  const { entity } = (await visitor.page.evaluate(`window.__manyworlds.call("entity.add", ${thing})`)) as { entity: number };
  const make = `window.__manyworlds.call("title.create", { entity: ${entity} }).then((title) => title.custody, String)`;
  await expect.poll(() => visitor.page.evaluate(make), { timeout: 60_000 }).toBe("home");
}
