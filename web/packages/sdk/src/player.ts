// The visitor of this client. Moves at once by the host's own rules (WebAssembly, 60 steps a second) and claims where that
// led; the host judges. A correction puts the body where the host says and lets the picture slide there.

import type { Mover, MotionState, MovementRules } from "@manyworlds/protocol";
import type { PoseClaim } from "@manyworlds/protocol/frames.ts";

/** Wanted by the person at the keys: a direction in the world (length at most 1). */
export interface Intent {
  moveX: number;
  moveZ: number;
  run: boolean;
  jump: boolean;
}

export interface PlacedAt {
  epoch: number;
  x: number;
  y: number;
  z: number;
  /** Radians. */
  yaw: number;
  /** Put there, not held back: one turns as one was told. */
  placed?: boolean;
}

/** What is drawn of oneself. */
export interface SelfState {
  entity: number;
  x: number;
  y: number;
  z: number;
  yaw: number;
  animation: number;
  speed: number;
  grounded: boolean;
}

export const Gesture = { none: 0, sit: 1, wave: 2, cheer: 3, clap: 4 } as const;
export type GestureName = keyof typeof Gesture;

const STEP_MS = 1000 / 60;
const MOST_STEPS = 15;
const CLAIM_MS = 50;
const HEARTBEAT_MS = 1000;
const SMOOTH_MS = 50; // time constant: three of them, 150 ms, leave 5 %
const SNAP_M = 6;
const TURN_PER_SECOND = 12;
const GESTURE_MS = [0, Number.POSITIVE_INFINITY, 2600, 3200, 3200];
const FULL_TURN = 2 * Math.PI;

export function wrapAngle(angle: number): number {
  return angle - FULL_TURN * Math.round(angle / FULL_TURN);
}

const millimetres = (metres: number) => Math.round(metres * 1000);
const speed16 = (metres: number) => Math.max(-32768, Math.min(32767, Math.round(metres * 1000)));

export class Player {
  readonly state: MotionState;
  yaw: number;
  epoch: number;
  /** Set while looking through one's own eyes: the body faces where one looks. */
  facing: number | null = null;

  /** Where the host has one look, until one walks. */
  private turnTo: number | null = null;
  private readonly before: MotionState;
  private intent: Intent = { moveX: 0, moveZ: 0, run: false, jump: false };
  private jumpWanted = false;
  private gestureNow = 0;
  private gestureUntil = 0;
  private behind = 0;
  private lastUpdate: number;
  private offset = { x: 0, y: 0, z: 0 };
  private sequence = 0;
  private lastClaim: PoseClaim | null = null;
  private lastClaimAt = Number.NEGATIVE_INFINITY;
  private airTime = 0;

  constructor(
    readonly entity: number,
    private readonly mover: Mover,
    private readonly rules: MovementRules,
    place: PlacedAt,
    now: number,
  ) {
    this.state = { x: place.x, y: place.y, z: place.z, vx: 0, vy: 0, vz: 0, grounded: true };
    this.before = { ...this.state };
    this.yaw = place.yaw;
    this.epoch = place.epoch;
    this.lastUpdate = now;
  }

  setIntent(intent: Intent): void {
    this.intent = intent;
    if (intent.jump) this.jumpWanted = true;
    if (!this.moving && !intent.jump) return;
    this.gestureNow = Gesture.none;
    this.turnTo = null;
  }

  gesture(gesture: number, now: number): void {
    this.gestureNow = gesture === this.gestureNow ? Gesture.none : gesture;
    this.gestureUntil = now + (GESTURE_MS[gesture] ?? 0);
  }

  get gestureShown(): number {
    return this.gestureNow;
  }

  /** The host's word: be here, and count from this epoch. */
  correct(place: PlacedAt): void {
    const shown = this.position();
    Object.assign(this.state, { x: place.x, y: place.y, z: place.z, vx: 0, vy: 0, vz: 0 });
    Object.assign(this.before, this.state);
    this.epoch = place.epoch;
    const offset = { x: shown.x - place.x, y: shown.y - place.y, z: shown.z - place.z };
    const far = Math.hypot(offset.x, offset.y, offset.z) > SNAP_M;
    this.offset = far ? { x: 0, y: 0, z: 0 } : offset;
    if (far) this.yaw = place.yaw;
    if (place.placed) this.turnTo = place.yaw;
    this.lastClaim = null;
  }

  /** Moves to `now` (ms); returns the claim to send, if one is due. */
  update(now: number): PoseClaim | null {
    const elapsed = Math.max(0, now - this.lastUpdate);
    this.lastUpdate = now;
    // After a pause (a hidden tab) one goes on from where one stood instead of catching up.
    this.behind = Math.min(this.behind + elapsed, MOST_STEPS * STEP_MS);
    while (this.behind >= STEP_MS) {
      this.behind -= STEP_MS;
      this.stepOnce();
    }
    const fade = Math.exp(-elapsed / SMOOTH_MS);
    this.offset.x *= fade;
    this.offset.y *= fade;
    this.offset.z *= fade;
    if (now >= this.gestureUntil) this.gestureNow = Gesture.none;
    return this.claimIfDue(now);
  }

  self(): SelfState {
    const { x, y, z } = this.position();
    const speed = Math.hypot(this.state.vx, this.state.vz);
    return { entity: this.entity, x, y, z, yaw: this.yaw, animation: this.animation(speed), speed, grounded: this.state.grounded };
  }

  private get moving(): boolean {
    return Math.hypot(this.intent.moveX, this.intent.moveZ) > 0.01;
  }

  private stepOnce(): void {
    Object.assign(this.before, this.state);
    this.mover.step(this.state, { ...this.intent, jump: this.jumpWanted });
    this.jumpWanted = false;
    this.airTime = this.state.grounded ? 0 : this.airTime + STEP_MS / 1000;
    const wanted = this.facing ?? (this.moving ? Math.atan2(this.intent.moveX, this.intent.moveZ) : (this.turnTo ?? this.yaw));
    const share = this.facing === null ? 1 - Math.exp((-TURN_PER_SECOND * STEP_MS) / 1000) : 1;
    this.yaw = wrapAngle(this.yaw + wrapAngle(wanted - this.yaw) * share);
  }

  private position(): { x: number; y: number; z: number } {
    const share = this.behind / STEP_MS;
    const between = (a: number, b: number) => a + (b - a) * share;
    return {
      x: between(this.before.x, this.state.x) + this.offset.x,
      y: between(this.before.y, this.state.y) + this.offset.y,
      z: between(this.before.z, this.state.z) + this.offset.z,
    };
  }

  private animation(speed: number): number {
    if (this.airTime > 0.12) return 3;
    if (speed > (this.rules.walk_speed + this.rules.run_speed) / 2) return 2;
    if (speed > 0.15) return 1;
    return this.gestureNow === Gesture.none ? 0 : this.gestureNow + 3;
  }

  private claimIfDue(now: number): PoseClaim | null {
    if (now - this.lastClaimAt < CLAIM_MS - 1) return null;
    const claim = this.claim(now);
    const last = this.lastClaim;
    const changed =
      last === null ||
      Math.abs(claim.x_mm - last.x_mm) + Math.abs(claim.y_mm - last.y_mm) + Math.abs(claim.z_mm - last.z_mm) > 2 ||
      claim.vx_mm_s !== last.vx_mm_s ||
      claim.vy_mm_s !== last.vy_mm_s ||
      claim.vz_mm_s !== last.vz_mm_s ||
      // Others see 256 directions; finer turns need no claim.
      claim.yaw >> 8 !== last.yaw >> 8 ||
      claim.gesture !== last.gesture ||
      claim.grounded !== last.grounded;
    if (!changed && now - this.lastClaimAt < HEARTBEAT_MS) return null;
    this.lastClaim = claim;
    this.lastClaimAt = now;
    this.sequence = (this.sequence + 1) & 0xffff;
    return claim;
  }

  private claim(now: number): PoseClaim {
    const { state } = this;
    return {
      epoch: this.epoch,
      sequence: this.sequence,
      time_ms: Math.floor(now) >>> 0,
      x_mm: millimetres(state.x),
      y_mm: millimetres(state.y),
      z_mm: millimetres(state.z),
      vx_mm_s: speed16(state.vx),
      vy_mm_s: speed16(state.vy),
      vz_mm_s: speed16(state.vz),
      yaw: Math.round((this.yaw / FULL_TURN) * 65536) & 0xffff,
      gesture: this.gestureNow,
      grounded: state.grounded,
    };
  }
}
