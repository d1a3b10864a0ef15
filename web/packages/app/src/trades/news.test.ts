import { beforeEach, describe, expect, it } from "vitest";
import { hide } from "../people/hide.ts";
import { notices, phase } from "../state.ts";
import { changed, onNotification, told, type Trade, trades } from "./news.ts";

const thing = (asset: string, name: string) => ({ asset, thing: { name, model: "crate", scale: 1 }, custody: "home" as const, moved: 0 });
const trade = (more: Partial<Trade> = {}): Trade => ({
  id: 1,
  with: { visitor: "eve", name: "Eve" },
  begun: true,
  gives: thing("A", "The lamp"),
  gets: thing("B", "The chair"),
  agrees: false,
  they_agree: false,
  state: "open",
  until_ms: 0,
  ...more,
});
const said = () => notices.value.map((notice) => notice.text);

describe("trades", () => {
  beforeEach(() => {
    phase.value = { kind: "in" };
    told([]);
    notices.value = [];
  });

  it("stay in sight until they end, which is said once, and once more when it is final", () => {
    told([trade()]);
    told([trade({ state: "recording" })]);
    expect(trades.value.length).toBe(1);
    told([trade({ state: "traded", index: 12 })]);
    told([trade({ state: "traded", index: 12 })]);
    expect(trades.value).toEqual([]);
    expect(said()).toEqual(["The chair is yours now, and The lamp is Eve's. It is recorded: entry 12 of the log."]);
    onNotification({ method: "title.final", params: { asset: "A", index: 11 } });
    expect(said().length).toBe(1);
    for (const asset of ["A", "B"]) onNotification({ method: "title.final", params: { asset, index: 12 } });
    expect(said().filter((text) => text.includes("final")).length).toBe(1);
  });

  it("that the other has changed are marked until one has looked and done something", () => {
    told([trade()]);
    told([trade({ they_agree: true })]);
    expect(changed.value.size).toBe(0);
    told([trade({ gets: thing("C", "The vase") })]);
    expect([...changed.value]).toEqual([1]);
    told([trade({ gets: thing("C", "The vase"), agrees: true })], true);
    expect(changed.value.size).toBe(0);
    told([trade()], true);
    expect(changed.value.size).toBe(0);
  });

  it("say why they are over, and are silent about what one has ended oneself", () => {
    told([trade()]);
    told([trade({ state: "over", why: "one of the two has gone" })]);
    expect(said()[0]).toContain("one of the two has gone");
    notices.value = [];
    told([trade({ id: 2 })]);
    told([trade({ id: 2, state: "declined" })], true);
    expect(said()).toEqual([]);
  });

  it("with somebody who is hidden are not shown", () => {
    hide("eve", true);
    told([trade()]);
    expect(trades.value).toEqual([]);
    hide("eve", false);
  });
});
