// What the WebAssembly core (wire and motion, the same source as the host's) offers, as the rest of the client sees it.
// `wasm.ts` provides it; tests provide their own.

import type { MovementRules } from "./calls.ts";

/** Everybody of all poses tracks that are held; rows 0 to count-1, in no order. Views that the next frame overwrites. */
export interface DecodedPoses {
  /** The newest of all frames. */
  tick: number;
  count: number;
  entity: Uint32Array;
  /** Centimetres. */
  x: Int32Array;
  y: Int32Array;
  z: Int32Array;
  /** 256 steps a turn. */
  yaw: Uint8Array;
  animation: Uint8Array;
  speaking: Uint8Array;
  /** Of which tick each row is the pose, and at which level of detail: levels have different rates. */
  ticks: Uint32Array;
  levels: Uint8Array;
}

/** How many people a far part of the crowd holds, and how they move; in metres and seconds. */
export interface CrowdAggregate {
  track: number;
  tick: number;
  count: number;
  /** The middle of the box on the ground that holds their feet, and half its extent. */
  x: number;
  y: number;
  z: number;
  halfX: number;
  halfZ: number;
  /** Height of the ground gained for each metre along x and z. */
  slopeX: number;
  slopeZ: number;
  /** Of all together, and the standard deviation of their speed. */
  velocityX: number;
  velocityZ: number;
  spread: number;
  /** Of each animation; they sum to 1. */
  shares: number[];
}

/** What a client sees of a crowd: any number of poses tracks, laid together by entity (wire::Picture). */
export interface PoseReader {
  /** Takes a frame of a pose kind; false, and nothing changed but perhaps its track let go, when it is not good. */
  take(kind: number, track: number, group: number, payload: Uint8Array): boolean;
  poses(): DecodedPoses;
  /** The newest of each track of aggregates: plain values, made anew for each call. */
  aggregates(): CrowdAggregate[];
  dispose(): void;
}

export interface MotionState {
  x: number;
  y: number;
  z: number;
  vx: number;
  vy: number;
  vz: number;
  grounded: boolean;
}

export interface MotionInput {
  /** Wanted direction in the world; length at most 1. */
  moveX: number;
  moveZ: number;
  run: boolean;
  jump: boolean;
}

/** The rules of movement in one world, with what one bumps into. */
export interface Mover {
  setRules(rules: MovementRules): void;
  /** Body 0 is the scene; others are things by entity. `baked` is a collision file. Returns false when it does not parse. */
  setBody(body: number, baked: Uint8Array, placement?: { x: number; y: number; z: number; yaw: number; scale: number }): boolean;
  removeBody(body: number): void;
  /** Advances `state` in place by 1/60 s. */
  step(state: MotionState, input: MotionInput): void;
  dispose(): void;
}

export interface Core {
  createPoseReader(): PoseReader;
  createMover(): Mover;
}
