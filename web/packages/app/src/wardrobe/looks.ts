// What an appearance can be, one at random that matches, and the steps of somebody who tries things on. Pure: tested alone.

import type { Appearance } from "@manyworlds/protocol";

/** How many there are of each; indices count from 0. */
export const choices = {
  skin: 8,
  hair: 6,
  hair_colour: 8,
  top: 3,
  top_colour: 12,
  bottom: 3,
  bottom_colour: 12,
  shoes_colour: 12,
  jacket: 2,
  hat: 3,
  scarf: 2,
  accent_colour: 12,
} as const;
/** Metres, and width over the model's. */
export const ranges = { height: { low: 1.55, high: 1.95 }, build: { low: 0.85, high: 1.2 } } as const;

export type Indexed = keyof typeof choices;
export type Measured = keyof typeof ranges;

/** The host keeps measures to the millimetre. */
const CLOSE = 1e-3;

export function same(a: Appearance, b: Appearance): boolean {
  const measured = (Object.keys(ranges) as Measured[]).every((key) => Math.abs(a[key] - b[key]) < CLOSE);
  return measured && (Object.keys(choices) as Indexed[]).every((key) => a[key] === b[key]);
}

// Of the clothes' palette.
const [WHITE, BLACK, GREY, RED, DARK_GREEN, NAVY] = [0, 1, 2, 3, 7, 9] as const;

/**
 * Dressed at random, with quiet colours below, an accent of its own, and hair that goes with the skin, as the kit dresses newcomers
 * (src/kit/appearance.cpp). Body and skin are who one is: they stay. `random`: 0 to 1, 1 excluded.
 */
export function surprise(now: Appearance, random: () => number): Appearance {
  const one = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const among = (count: number, ...without: number[]) => one(Array.from({ length: count }, (_, i) => i).filter((i) => !without.includes(i)));
  const top_colour = among(choices.top_colour, now.top_colour);
  const quiet = [NAVY, BLACK, GREY, WHITE, DARK_GREEN].filter((colour) => colour !== top_colour);
  const bottom_colour = top_colour <= GREY && random() < 0.35 ? among(choices.bottom_colour, top_colour) : one(quiet);
  const top = among(choices.top);
  const bottom = one([0, 0, 0, 1, 2]);
  return {
    ...now,
    hair: among(choices.hair, now.hair),
    hair_colour: random() < 0.1 ? 7 : one(now.skin <= 2 ? [2, 3, 4, 5, 5, 6, 1] : now.skin <= 4 ? [1, 2, 3, 4, 5] : [0, 0, 1, 1, 2]),
    top,
    top_colour,
    bottom,
    bottom_colour,
    shoes_colour: one([WHITE, WHITE, BLACK, GREY, NAVY, RED]),
    accent_colour: among(choices.accent_colour, top_colour, bottom_colour),
    jacket: top !== 2 && random() < 0.34 ? 1 : 0,
    hat: random() < 0.3 ? one([1, 2]) : 0,
    scarf: top !== 2 && bottom !== 1 && random() < 0.25 ? 1 : 0,
  };
}

/** Somebody who tries things on: what everybody sees, what the mirror shows, and the way back. */
export interface Fitting {
  worn: Appearance;
  now: Appearance;
  past: readonly Appearance[];
  /** The slider that is being moved: its way counts as one step. */
  stroke: Measured | null;
}

export type Step =
  | { kind: "try"; change: Partial<Appearance>; stroke?: Measured }
  | { kind: "undo" }
  /** Everybody sees it now. */
  | { kind: "wear"; appearance: Appearance };

export const MOST_PAST = 50;

export function begin(worn: Appearance): Fitting {
  return { worn, now: worn, past: [], stroke: null };
}

export function step(fitting: Fitting, next: Step): Fitting {
  const { now, past } = fitting;
  if (next.kind === "undo") {
    const before = past.at(-1);
    return before ? { ...fitting, now: before, past: past.slice(0, -1), stroke: null } : fitting;
  }
  const change = next.kind === "wear" ? next.appearance : { ...now, ...next.change };
  const stroke = next.kind === "try" ? (next.stroke ?? null) : null;
  const goesOn = stroke !== null && stroke === fitting.stroke;
  const longer = same(change, now) || goesOn ? past : [...past, now].slice(-MOST_PAST);
  return { worn: next.kind === "wear" ? next.appearance : fitting.worn, now: change, past: longer, stroke };
}

/** 0 to 4, from slim to broad: the word for a build. */
export function buildWord(build: number): 0 | 1 | 2 | 3 | 4 {
  const { low, high } = ranges.build;
  const share = (build - low) / (high - low);
  return Math.min(4, Math.max(0, Math.floor(share * 5))) as 0 | 1 | 2 | 3 | 4;
}

/** Radians as whole degrees, 0 to 359. */
export function degrees(yaw: number): number {
  return ((Math.round((yaw * 180) / Math.PI) % 360) + 360) % 360;
}
