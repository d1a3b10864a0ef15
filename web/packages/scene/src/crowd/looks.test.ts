import { describe, expect, it } from "vitest";
import type { Appearance } from "@manyworlds/protocol";
import {
  CLOTHES_AT,
  defaultExtras,
  guessAppearance,
  HAIR_AT,
  packedHeight,
  packLook,
  partMask,
  type PersonExtras,
  readExtras,
} from "./looks.ts";

const parts: PersonExtras["parts"] = {
  hair: [1, 2, 3, 4, 5, 6],
  top: [7, 8, 9],
  jacket: [10],
  bottom: [11, 12, 13],
  hat: [14, 15],
  scarf: [16],
  hair_under_hat: [1, 1, 3, 4, 1, 1],
};
const plain: Appearance = {
  height: 1.75,
  build: 1,
  skin: 2,
  hair: 4,
  hair_colour: 3,
  top: 1,
  top_colour: 5,
  bottom: 2,
  bottom_colour: 11,
  shoes_colour: 0,
  jacket: 0,
  hat: 0,
  scarf: 0,
  accent_colour: 7,
};
const bits = (...list: number[]) => list.reduce((mask, bit) => mask | (1 << bit), 0) >>> 0;

describe("part masks", () => {
  it("show one of each kind, and extras only when worn", () => {
    expect(partMask(plain, parts)).toBe(bits(5, 8, 13));
    expect(partMask({ ...plain, jacket: 1, scarf: 1 }, parts)).toBe(bits(5, 8, 13, 10, 16));
  });

  it("take the hair that fits under the hat", () => {
    expect(partMask({ ...plain, hat: 2 }, parts)).toBe(bits(1, 8, 13, 15));
  });

  it("bear indices that a file does not have", () => {
    expect(partMask({ ...plain, hair: 200, top: -4, hat: 9 }, parts)).toBe(bits(1, 7, 13, 15));
    expect(partMask(plain, defaultExtras.parts)).toBe(0);
  });
});

describe("packed looks", () => {
  it("hold palette entries and measures byte by byte", () => {
    const words = new Uint32Array(8);
    packLook(plain, { ...defaultExtras, parts }, 77, words, 4);
    expect(words[4]).toBe(bits(5, 8, 13));
    expect(words[5]! & 255).toBe(2);
    expect((words[5]! >>> 8) & 255).toBe(HAIR_AT + 3);
    expect((words[5]! >>> 16) & 255).toBe(CLOTHES_AT + 5);
    expect(words[5]! >>> 24).toBe(CLOTHES_AT + 11);
    expect(words[6]! & 255).toBe(CLOTHES_AT);
    expect((words[6]! >>> 8) & 255).toBe(CLOTHES_AT + 7);
    expect(words[7]).toBe(77);
  });

  it("keep heights to a few millimetres", () => {
    const words = new Uint32Array(4);
    for (const height of [1.55, 1.7, 1.83, 1.95]) {
      packLook({ ...plain, height }, defaultExtras, 0, words, 0);
      expect(Math.abs(packedHeight(words[2]!) - height)).toBeLessThan(0.002);
    }
  });

  it("guess different looks for neighbours", () => {
    const seen = new Set(Array.from({ length: 100 }, (_, i) => JSON.stringify(guessAppearance(i + 1))));
    expect(seen.size).toBe(100);
  });
});

describe("extras of a person's file", () => {
  it("fall back when they are missing or of another version", () => {
    expect(readExtras(undefined)).toBe(defaultExtras);
    expect(readExtras({ version: 9 })).toBe(defaultExtras);
    const own = { version: 1, parts, palettes: defaultExtras.palettes };
    expect(readExtras(own).parts.scarf).toEqual([16]);
    expect(readExtras(own).clip_speed.walk).toBe(1.4);
  });
});
