// Which clip a person shows and how far it has run. Steps follow the ground that is covered, so that feet do not slide;
// a change of clip fades over in 150 ms. Columns of numbers, no objects: ten thousand people are stepped in under a
// millisecond. No three.js, no time of its own: tested alone.

import { type ClipRows, rowAt } from "./vat.ts";

export const WALK = 1;
export const RUN = 2;
export const JUMP = 3;
export const SIT = 4;
/** No animation of its own in poses: how one sits where a seat is. */
export const SIT_SEAT = 8;
export const WAVE = 5;
/** Likewise: how one waves who wears a scarf. */
export const WAVE_SCARF = 9;
export const CROSS_SECONDS = 0.15;
/** So that a phase of nearly one is not rounded up to the next clip. The shader has the same. */
export const HELD_SHARE = 0.999;

export interface GaitRules {
  clips: readonly ClipRows[];
  /** Ground speed that the clips of walking and running were made for, for a person of `modelHeight`. */
  walkSpeed: number;
  runSpeed: number;
  modelHeight: number;
}

/** Share of the clip's length that passes in a second. */
export function clipRate(rules: GaitRules, clip: number, speed: number, height: number): number {
  const seconds = rules.clips[clip]?.seconds ?? 1;
  if (clip !== WALK && clip !== RUN) return 1 / seconds;
  const natural = (clip === WALK ? rules.walkSpeed : rules.runSpeed) * (height / rules.modelHeight);
  return Math.min(Math.max(speed / natural, 0.12), 2.4) / seconds;
}

export class Gait {
  clip: Uint8Array;
  /** The clip that is being left, and how much of it still shows. */
  old: Uint8Array;
  blend: Float32Array;
  phase: Float32Array;
  oldPhase: Float32Array;

  constructor(capacity: number) {
    this.clip = new Uint8Array(capacity);
    this.old = new Uint8Array(capacity);
    this.blend = new Float32Array(capacity);
    this.phase = new Float32Array(capacity);
    this.oldPhase = new Float32Array(capacity);
  }

  grow(capacity: number): void {
    const bytes = (from: Uint8Array) => {
      const to = new Uint8Array(capacity);
      to.set(from);
      return to;
    };
    const floats = (from: Float32Array) => {
      const to = new Float32Array(capacity);
      to.set(from);
      return to;
    };
    this.clip = bytes(this.clip);
    this.old = bytes(this.old);
    this.blend = floats(this.blend);
    this.phase = floats(this.phase);
    this.oldPhase = floats(this.oldPhase);
  }

  /** `seed` from 0 to 1 keeps people from breathing in step. */
  start(slot: number, clip: number, seed: number): void {
    this.clip[slot] = clip;
    this.old[slot] = clip;
    this.blend[slot] = 0;
    this.phase[slot] = clip === JUMP ? 0 : seed;
    this.oldPhase[slot] = 0;
  }

  step(rules: GaitRules, slot: number, wanted: number, speed: number, height: number, seconds: number): void {
    const now = this.clip[slot]!;
    if (wanted !== now) {
      this.old[slot] = now;
      this.oldPhase[slot] = this.phase[slot]!;
      this.clip[slot] = wanted;
      this.blend[slot] = 1;
      // A walk becomes a run in mid-step; everything else begins at its beginning.
      const gait = (now === WALK || now === RUN) && (wanted === WALK || wanted === RUN);
      if (!gait) this.phase[slot] = 0;
    }
    const phase = this.phase[slot]! + clipRate(rules, wanted, speed, height) * seconds;
    this.phase[slot] = rules.clips[wanted]?.loop === false ? Math.min(phase, 1) : phase - Math.floor(phase);
    const blend = this.blend[slot]!;
    if (blend <= 0) return;
    this.blend[slot] = Math.max(0, blend - seconds / CROSS_SECONDS);
    const old = this.old[slot]!;
    const oldPhase = this.oldPhase[slot]! + clipRate(rules, old, speed, height) * seconds;
    this.oldPhase[slot] = oldPhase - Math.floor(oldPhase);
  }

  /**
   * Leaves the clip to the graphics card's clock (seconds) until `resume`: returns what the pose table has instead of a row, below
   * zero, the clip in whole numbers and where it stands at clock 0 behind the point. Null for clips that do not run evenly for ever.
   */
  hold(rules: GaitRules, slot: number, clock: number): number | null {
    const clip = this.clip[slot]!;
    const { loop, seconds } = rules.clips[clip] ?? { loop: false, seconds: 1 };
    if (!loop || clip === WALK || clip === RUN) return null;
    const phase = this.phase[slot]! - clock / seconds;
    this.phase[slot] = phase - Math.floor(phase);
    return -(1 + clip) - this.phase[slot]! * HELD_SHARE;
  }

  resume(rules: GaitRules, slot: number, clock: number): void {
    const phase = this.phase[slot]! + clock / (rules.clips[this.clip[slot]!]?.seconds ?? 1);
    this.phase[slot] = phase - Math.floor(phase);
  }

  row(rules: GaitRules, slot: number): number {
    return rowAt(rules.clips[this.clip[slot]!]!, this.phase[slot]!);
  }

  oldRow(rules: GaitRules, slot: number): number {
    return rowAt(rules.clips[this.old[slot]!]!, this.oldPhase[slot]!);
  }
}
