import { describe, expect, it } from "vitest";
import { choose, type Near, type Plan, planFor } from "./choose.ts";

const level = (triangles: number) => ({ triangles, url: "", bytes: 1, bones: {}, turn: 0, scale: 1, offset: [0, 0, 0] });
const figure = (distance: number, more: Partial<Near> & { triangles?: number[]; rank?: "good" | "poor" } = {}): Near => ({
  own: false,
  distance,
  now: -1,
  about: { rank: more.rank ?? "good", levels: (more.triangles ?? [10_000, 5_000, 1_000]).map(level) },
  ...more,
});
const plan: Plan = { figures: 3, triangles: 20_000, fine: 5, middle: 15, reach: 40, finest: 15_000 };
const levels = (near: Near[]) => choose(near, plan).map(({ one, level: chosen }) => [one.distance, chosen]);

describe("who is shown as they wish", () => {
  it("are the nearest, at the level of their distance", () => {
    expect(levels([figure(30), figure(3), figure(9), figure(50)])).toEqual([[3, 0], [9, 1], [30, 2]]);
  });

  it("are oneself first, and no more than there is room for", () => {
    const self = figure(12, { own: true });
    expect(levels([figure(1), figure(2), self])).toEqual([[12, 0], [1, 0]]);
    expect(choose([figure(6), figure(7), figure(8), figure(9)], plan)).toHaveLength(3);
  });

  it("go down a level, or back to the kit's figure, where triangles run out", () => {
    expect(levels([figure(1, { triangles: [15_000, 9_000, 1_000] }), figure(2, { triangles: [15_000, 9_000, 1_000] })])).toEqual([[1, 0], [2, 2]]);
    expect(levels([figure(1, { triangles: [15_000] }), figure(2, { triangles: [15_000] })])).toEqual([[1, 0]]);
  });

  it("see a costly one at reduced detail only, unless it is one's own", () => {
    expect(levels([figure(1, { rank: "poor" })])).toEqual([[1, 1]]);
    expect(levels([figure(1, { rank: "poor", own: true })])).toEqual([[1, 0]]);
    expect(levels([figure(1, { rank: "poor", triangles: [10_000] })])).toEqual([]);
    expect(levels([figure(1, { triangles: [100_000, 4_000, 900] })])).toEqual([[1, 1]]);
  });

  it("keep their level at the border of two", () => {
    expect(levels([figure(5.3, { now: 0 })])).toEqual([[5.3, 0]]);
    expect(levels([figure(5.3, { now: 1 })])).toEqual([[5.3, 1]]);
    expect(levels([figure(42, { now: 2 })])).toEqual([[42, 2]]);
    expect(levels([figure(42)])).toEqual([]);
  });

  it("are asked about first, when nothing is known of them", () => {
    expect(levels([figure(9, { about: null })])).toEqual([[9, 0]]);
  });

  it("are half as many where fingers touch the picture", () => {
    expect(planFor("high", true).figures).toBeLessThan(planFor("high", false).figures);
    expect(planFor("low", false).triangles).toBeLessThan(planFor("medium", false).triangles);
  });
});
