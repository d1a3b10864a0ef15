// From a person's appearance to what the shader needs: which parts show, and which palette entry each colour slot has.
// Pure; the layout of the bits is the one that `crowd/shader.ts` reads.

import type { Appearance } from "@manyworlds/protocol";

/** asset.extras.manyworlds of person.glb. */
export interface PersonExtras {
  version: number;
  parts: Record<"hair" | "top" | "jacket" | "bottom" | "hat" | "scarf", number[]> & {
    /** The shape of hair that fits under a hat, for each shape without one. */
    hair_under_hat?: number[];
    /** What is shown instead of the scarf while its wearer waves it. */
    held_scarf?: number[];
  };
  palettes: { skin: string[]; hair: string[]; clothes: string[] };
  clip_speed: { walk: number; run: number };
}

/** Entries of the one palette: skin, then hair, then clothes, then two that never change. */
export const SKIN_AT = 0;
export const HAIR_AT = 8;
export const CLOTHES_AT = 16;
export const WHITE_AT = 28;
export const DARK_AT = 29;
export const PALETTE_SIZE = 30;

export const WORDS_PER_LOOK = 4;
const heightLow = 1.4;
const heightSpan = 0.8;
const buildLow = 0.7;
const buildSpan = 0.7;

export const defaultExtras: PersonExtras = {
  version: 1,
  parts: { hair: [], top: [], jacket: [], bottom: [], hat: [], scarf: [] },
  palettes: {
    skin: ["#F3D3BD", "#E8BC9A", "#D9A07A", "#C68A62", "#A86F4A", "#8A5637", "#6B4129", "#4C2E1E"],
    hair: ["#1F1A17", "#3B2A20", "#5B3D28", "#8A5A33", "#B98A52", "#D9BF8A", "#A8A29A", "#8C3B2A"],
    clothes: [
      "#E4572E",
      "#F2A541",
      "#F4D35E",
      "#6A994E",
      "#2A9D8F",
      "#3A86A8",
      "#4C5FD5",
      "#7B4FA3",
      "#C2378B",
      "#F4F2EE",
      "#8C8781",
      "#2B2D33",
    ],
  },
  clip_speed: { walk: 1.4, run: 4 },
};

export function readExtras(value: unknown): PersonExtras {
  const extras = value as Partial<PersonExtras> | undefined;
  if (!extras || extras.version !== 1 || !extras.parts || !extras.palettes) return defaultExtras;
  return { ...defaultExtras, ...extras };
}

const bit = (part: number | undefined): number => (part === undefined || part < 1 || part > 31 ? 0 : 1 << part);
const at = <T>(list: readonly T[], index: number): T | undefined =>
  list[Math.min(Math.max(index | 0, 0), list.length - 1)];

/** Bit x is set when part x shows. Part 0 always shows and has no bit. */
export function partMask(a: Appearance, parts: PersonExtras["parts"]): number {
  const hair = a.hat > 0 ? (parts.hair_under_hat ?? parts.hair) : parts.hair;
  let mask = bit(at(hair, a.hair)) | bit(at(parts.top, a.top)) | bit(at(parts.bottom, a.bottom));
  if (a.jacket) mask |= bit(parts.jacket[0]);
  if (a.hat > 0) mask |= bit(at(parts.hat, a.hat - 1));
  if (a.scarf) mask |= bit(parts.scarf[0]);
  return mask >>> 0;
}

const byte = (value: number, low: number, span: number): number =>
  Math.round(Math.min(Math.max((value - low) / span, 0), 1) * 255);
const entry = (base: number, index: number, size: number): number => base + Math.min(Math.max(index | 0, 0), size - 1);

/** Four words per person: parts; skin, hair, top, bottom; shoes, accent, height, build; seed. */
export function packLook(a: Appearance, extras: PersonExtras, seed: number, out: Uint32Array, offset: number): void {
  out[offset] = partMask(a, extras.parts);
  out[offset + 1] =
    entry(SKIN_AT, a.skin, 8) |
    (entry(HAIR_AT, a.hair_colour, 8) << 8) |
    (entry(CLOTHES_AT, a.top_colour, 12) << 16) |
    (entry(CLOTHES_AT, a.bottom_colour, 12) << 24);
  out[offset + 2] =
    entry(CLOTHES_AT, a.shoes_colour, 12) |
    (entry(CLOTHES_AT, a.accent_colour, 12) << 8) |
    (byte(a.height, heightLow, heightSpan) << 16) |
    (byte(a.build, buildLow, buildSpan) << 24);
  out[offset + 3] = seed >>> 0;
}

/** The parts that a scarf is, worn and held up; 31 where the file has none. */
export function scarfParts(parts: PersonExtras["parts"]): [number, number] {
  return [parts.scarf[0] ?? 31, parts.held_scarf?.[0] ?? 31];
}

/** Height that the shader will draw, for labels and for the pace of the walk. */
export const packedHeight = (word: number): number => heightLow + (((word >>> 16) & 255) / 255) * heightSpan;

/** A hash with no pattern between neighbours (Wellons, "lowbias32"). */
export function scramble(n: number): number {
  let x = n >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
  return (x ^ (x >>> 15)) >>> 0;
}

/** Somebody whose looks have not arrived yet: plain, but not everybody alike. */
export function guessAppearance(entity: number): Appearance {
  const h = scramble(entity);
  return {
    height: 1.62 + ((h & 31) / 31) * 0.22,
    build: 0.92 + (((h >>> 5) & 15) / 15) * 0.18,
    skin: (h >>> 9) & 7,
    hair: ((h >>> 12) & 7) % 6,
    hair_colour: (h >>> 15) & 3,
    top: ((h >>> 17) & 3) % 3,
    top_colour: ((h >>> 19) & 15) % 12,
    bottom: 0,
    bottom_colour: 10 + ((h >>> 23) & 1),
    shoes_colour: 9 + ((h >>> 24) & 1),
    jacket: (h >>> 26) & 1,
    hat: 0,
    scarf: (h >>> 25) & (h >>> 27) & 1,
    accent_colour: ((h >>> 28) & 15) % 12,
  };
}
