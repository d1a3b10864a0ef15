// What the tests of this package share: the golden vectors and the module.

import { readFileSync } from "node:fs";

const root = new URL("../../../../", import.meta.url);

export function unhex(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function vectors<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`schema/vectors/${name}`, root), "utf8")) as T;
}

/** The module that tools/build-wasm.sh makes; MW_WASM names another place. */
export function moduleBytes(): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(process.env["MW_WASM"] ?? new URL("build/wasm/manyworlds.wasm", root)));
}

export interface FrameVectors {
  claims: { hex: string; claim: import("./frames.ts").PoseClaim }[];
  corrections: { hex: string; correction: import("./frames.ts").Correction }[];
  clocks: { hex: string; clock: import("./frames.ts").ClockAnswer }[];
  pings: { hex: string; time_ms: number }[];
  events: { hex: string; track: number; sequence: number; events: unknown[] }[];
  poses: { hex: string; tick: number; poses: [number, number, number, number, number, number, boolean][] }[];
  refused_frames: string[];
}
