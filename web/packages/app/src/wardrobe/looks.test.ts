import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Appearance } from "@manyworlds/protocol";
import { describe, expect, it } from "vitest";
import { begin, buildWord, choices, degrees, MOST_PAST, ranges, same, step, surprise } from "./looks.ts";

const plain: Appearance = {
  height: 1.75, build: 1, skin: 3, hair: 0, hair_colour: 1, top: 0, top_colour: 4, bottom: 0, bottom_colour: 9,
  shoes_colour: 0, jacket: 0, hat: 0, scarf: 0, accent_colour: 8,
};

/** Repeatable, 0 to 1. */
function dice(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}

describe("what can be chosen", () => {
  it("is all that the host's schema knows, and no more", () => {
    const text = readFileSync(resolve(import.meta.dirname, "../../../../../schema/openrpc.json"), "utf8");
    const schema = (JSON.parse(text) as { components: { schemas: { Appearance: { properties: Record<string, { minimum: number; maximum: number; type: string }> } } } }).components.schemas.Appearance.properties;
    const ours: Record<string, [number, number]> = {};
    for (const [key, count] of Object.entries(choices)) ours[key] = [0, count - 1];
    for (const [key, { low, high }] of Object.entries(ranges)) ours[key] = [low, high];
    const theirs = Object.fromEntries(Object.entries(schema).map(([key, { minimum, maximum }]) => [key, [minimum, maximum]]));
    expect(ours).toEqual(theirs);
  });
});

describe("a surprise", () => {
  it("is within what there is, keeps body and skin, and differs in hair and top", () => {
    const random = dice(7);
    let now = plain;
    for (let i = 0; i < 500; i++) {
      const next = surprise(now, random);
      for (const [key, count] of Object.entries(choices)) {
        const value = next[key as keyof typeof choices];
        expect(Number.isInteger(value) && value >= 0 && value < count, `${key} ${value}`).toBe(true);
      }
      expect([next.height, next.build, next.skin]).toEqual([plain.height, plain.build, plain.skin]);
      expect(next.hair).not.toBe(now.hair);
      expect(next.top_colour).not.toBe(now.top_colour);
      expect([next.top_colour, next.bottom_colour]).not.toContain(next.accent_colour);
      expect(next.bottom_colour).not.toBe(next.top_colour);
      if (next.top === 2) expect([next.jacket, next.scarf]).toEqual([0, 0]);
      now = next;
    }
  });

  it("brings every hat, top and hair sooner or later", () => {
    const random = dice(3);
    const seen = { hair: new Set<number>(), top: new Set<number>(), hat: new Set<number>(), bottom: new Set<number>() };
    for (let i = 0; i < 400; i++) {
      const next = surprise(plain, random);
      for (const key of ["hair", "top", "hat", "bottom"] as const) seen[key].add(next[key]);
    }
    expect([seen.hair.size, seen.top.size, seen.hat.size, seen.bottom.size]).toEqual([5, 3, 3, 3]); // never the hair one has
  });
});

describe("trying things on", () => {
  it("goes back step by step, to what one wore", () => {
    let fitting = step(begin(plain), { kind: "try", change: { hair: 3 } });
    fitting = step(fitting, { kind: "try", change: { top_colour: 5 } });
    expect(fitting.now).toEqual({ ...plain, hair: 3, top_colour: 5 });
    expect(fitting.worn).toEqual(plain);
    fitting = step(fitting, { kind: "undo" });
    expect(fitting.now).toEqual({ ...plain, hair: 3 });
    fitting = step(step(fitting, { kind: "undo" }), { kind: "undo" });
    expect(fitting).toEqual(begin(plain));
  });

  it("takes the way of a slider for one step, and what changes nothing for none", () => {
    let fitting = begin(plain);
    for (const height of [1.76, 1.8, 1.84]) fitting = step(fitting, { kind: "try", change: { height }, stroke: "height" });
    expect(fitting.past).toEqual([plain]);
    fitting = step(fitting, { kind: "try", change: { build: 1.1 }, stroke: "build" });
    expect(fitting.past.length).toBe(2);
    fitting = step(fitting, { kind: "try", change: { hair: fitting.now.hair } });
    expect(fitting.past.length).toBe(2);
    fitting = step(fitting, { kind: "try", change: { build: 1.15 }, stroke: "build" });
    expect(fitting.past.length).toBe(3);
  });

  it("wears what everybody sees, and can still go back in the mirror", () => {
    const other = { ...plain, hat: 1 };
    const fitting = step(begin(plain), { kind: "wear", appearance: other });
    expect([fitting.worn, fitting.now]).toEqual([other, other]);
    const back = step(fitting, { kind: "undo" });
    expect([back.worn, back.now]).toEqual([other, plain]);
  });

  it("remembers so many steps and no more", () => {
    let fitting = begin(plain);
    for (let i = 0; i < MOST_PAST + 20; i++) fitting = step(fitting, { kind: "try", change: { top_colour: i % 12 } });
    expect(fitting.past.length).toBe(MOST_PAST);
  });
});

it("tells looks apart by what can be seen", () => {
  expect(same(plain, { ...plain, height: 1.7504 })).toBe(true);
  expect(same(plain, { ...plain, height: 1.76 })).toBe(false);
  expect(same(plain, { ...plain, scarf: 1 })).toBe(false);
});

it("has a word for each build, and whole degrees", () => {
  expect([0.85, 0.93, 1.02, 1.09, 1.2].map(buildWord)).toEqual([0, 1, 2, 3, 4]);
  expect([0, Math.PI, -Math.PI / 2, 7].map(degrees)).toEqual([0, 180, 270, 41]);
});
