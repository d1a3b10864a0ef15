import type { Visitor } from "@manyworlds/protocol";
import { beforeEach, describe, expect, it } from "vitest";
import { hide } from "../people/hide.ts";
import { gifts, notices, phase, visitor } from "../state.ts";
import { type Gift, told } from "./news.ts";

const gift = (more: Partial<Gift> = {}): Gift => ({
  id: 1,
  asset: "A",
  thing: { name: "The lamp", model: "lamp", scale: 1 },
  from: { visitor: "ada", name: "Ada" },
  to: { visitor: "eve", name: "Eve" },
  state: "offered",
  until_ms: 0,
  ...more,
});

describe("gifts", () => {
  beforeEach(() => {
    visitor.value = { id: "eve" } as Visitor;
    phase.value = { kind: "in" };
    notices.value = [];
    gifts.value = [];
  });

  it("stay in sight while they wait for a yes, and are said once when they end", () => {
    told([gift()]);
    expect(gifts.value.length).toBe(1);
    told([gift({ state: "accepted" })]);
    expect(gifts.value[0]?.state).toBe("accepted");
    expect(notices.value).toEqual([]);
    told([gift({ state: "given" })]);
    expect(gifts.value).toEqual([]);
    expect(notices.value.map((notice) => notice.text)).toEqual(["The lamp is yours now. You find it under “Gestures”, and at home under “Account”."]);
    told([gift({ state: "given" })]);
    expect(notices.value.length).toBe(1);
  });

  it("are told to each side in its own words", () => {
    visitor.value = { id: "ada" } as Visitor;
    told([gift()]);
    told([gift({ state: "declined" })]);
    expect(notices.value[0]?.text).toBe("Eve did not take The lamp.");
  });

  it("of somebody who is hidden are not shown", () => {
    hide("ada", true);
    told([gift()]);
    expect(gifts.value).toEqual([]);
    told([gift({ state: "over" })]);
    expect(notices.value).toEqual([]);
    hide("ada", false);
  });
});
