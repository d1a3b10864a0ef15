// Everybody who is drawn, by slot: where they stand, how they move, how they look. Each frame the rows from the network
// are matched to slots; whoever is new fades in, whoever is gone fades out. What the graphics card needs stands in two
// tables, one row per slot. Whoever rests (AvatarColumns.fresh) and has settled is *held*: the graphics card runs the clip by itself,
// and the row is not touched until there is news. No three.js: tested alone.

import type { Person } from "@manyworlds/protocol";
import type { AvatarColumns, SelfState } from "../types.ts";
import { Gait, type GaitRules, JUMP, RUN, SIT, SIT_SEAT, WALK, WAVE, WAVE_SCARF } from "./gait.ts";
import { guessAppearance, packedHeight, packLook, type PersonExtras, scarfParts, scramble, WORDS_PER_LOOK } from "./looks.ts";

/** Floats per slot in `pose`: x, y, z, yaw; row of the clip, row of the one being left, share of that one, flags. */
export const FLOATS_PER_POSE = 8;
const fadeSeconds = 0.32;
const turnPerSecond = 16;
const shiftPerSecond = 10;
/** Metres between two pictures: whoever was so far away shows nothing of what they did there. */
const leap = 1.2;
/** A seat is looked for when one sits down, and again at these moments after: one may still be on the way to it. */
const seatLooks = [0.3, 0.8] as const;
/** Of the clock that clips run by, seconds: the graphics card has it as a number of limited precision. */
const clockWraps = 4096;
/** AvatarColumns.fresh of who rests. */
const RESTS = 2;
const turned = 0.002;
/** Square of the metres from oneself up to which those who rest settle smoothly. */
const smoothReach = 20 ** 2;
/** Lift over the ground is kept in steps of 1/64 m, up to 4 m. */
const liftSteps = 64;

/** One float for three things: share that shows, whether the person speaks, lift over the ground. */
export function packFlags(shown: number, speaking: boolean, lift: number): number {
  const steps = Math.min(Math.max(Math.round(lift * liftSteps), 0), 255);
  return steps * 4 + (speaking ? 2 : 0) + Math.min(Math.max(shown, 0), 1) * 0.999;
}

export class People {
  slots = 0;
  /** 0 free, 1 there, 2 leaving. */
  used: Uint8Array;
  entity: Uint32Array;
  x: Float32Array;
  y: Float32Array;
  z: Float32Array;
  yaw: Float32Array;
  height: Float32Array;
  shown: Float32Array;
  pose: Float32Array;
  look: Uint32Array;
  lookChanged = true;
  /** Whether the last update wrote anything into `pose`. */
  poseChanged = true;
  /** Seconds by which held clips run. */
  clock = 0;
  count = 0;
  selfSlot = -1;
  capacity: number;
  /** Who shows less than the whole of themselves, after the last update. */
  fading = 0;
  /** How far behind a place, for somebody who looks along `yaw`, the front edge of a seat is; -1 where there is none. */
  seatBehind: ((x: number, y: number, z: number, yaw: number) => number) | null = null;
  /** Entities that are not shown, though the host goes on telling of them. */
  hidden: ReadonlySet<number> = new Set();
  readonly gait: Gait;
  rules: GaitRules;
  private ground: Float32Array;
  /** Seconds since one sat down, -1 when one does not sit; where the seat is (-1: none); the shift onto it that shows. */
  private sat: Float32Array;
  private seat: Float32Array;
  private shift: Float32Array;
  /** Until the first people of a world are there: they do not come one by one, they were there before. */
  private opening = false;
  /** Seconds since the slot was stepped: rows of far people are fresh only now and then. */
  private owed: Float32Array;
  private held: Uint8Array;
  private seen: Uint32Array;
  private stamp = 0;
  private readonly bySlot = new Map<number, number>();
  private readonly free: number[] = [];
  private rowSlot = new Int32Array(0);
  private readonly appearances = new Map<number, Person["appearance"]>();

  constructor(
    capacity: number,
    rules: GaitRules,
    private extras: PersonExtras,
  ) {
    this.capacity = capacity;
    this.rules = rules;
    this.used = new Uint8Array(capacity);
    this.entity = new Uint32Array(capacity);
    this.seen = new Uint32Array(capacity);
    this.x = new Float32Array(capacity);
    this.y = new Float32Array(capacity);
    this.z = new Float32Array(capacity);
    this.yaw = new Float32Array(capacity);
    this.height = new Float32Array(capacity);
    this.shown = new Float32Array(capacity);
    this.ground = new Float32Array(capacity);
    this.sat = new Float32Array(capacity);
    this.seat = new Float32Array(capacity);
    this.shift = new Float32Array(capacity);
    this.owed = new Float32Array(capacity);
    this.held = new Uint8Array(capacity);
    this.pose = new Float32Array(capacity * FLOATS_PER_POSE);
    this.look = new Uint32Array(capacity * WORDS_PER_LOOK);
    this.gait = new Gait(capacity);
  }

  setPerson(person: Person): void {
    this.appearances.set(person.entity, person.appearance);
    const slot = this.bySlot.get(person.entity);
    if (slot !== undefined) this.dress(slot);
  }

  removePerson(entity: number): void {
    this.appearances.delete(entity);
  }

  setFile(rules: GaitRules, extras: PersonExtras): void {
    this.rules = rules;
    this.extras = extras;
    for (const slot of this.bySlot.values()) this.dress(slot);
  }

  /** Takes everybody away, for another world. Whoever is there when it opens does not fade in. */
  clear(): void {
    this.opening = true;
    this.used.fill(0);
    this.bySlot.clear();
    this.free.length = 0;
    this.slots = 0;
    this.count = 0;
    this.selfSlot = -1;
    this.rowSlot.fill(-1);
  }

  slotOf(entity: number): number {
    return this.bySlot.get(entity) ?? -1;
  }

  /** Brings the columns up to `seconds` after the last call. */
  update(rows: AvatarColumns, self: SelfState | null, seconds: number): void {
    this.stamp++;
    this.fading = 0;
    this.poseChanged = false;
    this.clock = (this.clock + seconds) % clockWraps;
    if (this.rowSlot.length < rows.count) this.rowSlot = new Int32Array(Math.max(256, rows.count * 2)).fill(-1);
    const { stamp, hidden } = this;
    const some = hidden.size > 0;
    let left = rows.count;
    for (let i = 0; i < rows.count; i++) {
      const entity = rows.entity[i]!;
      if (some && hidden.has(entity)) {
        left--;
        continue;
      }
      let slot = this.rowSlot[i]!;
      if (rows.fresh[i] === RESTS && this.held[slot] === 1 && this.entity[slot] === entity) {
        this.seen[slot] = stamp;
        continue;
      }
      const news = rows.fresh[i]!;
      let fresh = news !== 0;
      // Rows keep their order for most frames, so the slot of last time is nearly always right.
      if (slot < 0 || this.entity[slot] !== entity || this.used[slot] === 0) {
        slot = this.slotFor(entity, rows.animation[i]!);
        this.rowSlot[i] = slot;
        if (Number.isNaN(this.yaw[slot])) {
          this.yaw[slot] = rows.yaw[i]!;
          fresh = true;
        }
      }
      this.seen[slot] = stamp;
      this.used[slot] = 1;
      if (this.held[slot] === 1) {
        if (news !== 1) continue;
        this.release(slot, this.clock - seconds); // the step that follows brings it up to now
      }
      this.owed[slot]! += seconds;
      // Who settles far away does so in fewer steps.
      if (news === RESTS && (i + stamp) % 4 !== 0 && self && this.shown[slot] === 1) {
        if ((rows.x[i]! - self.x) ** 2 + (rows.z[i]! - self.z) ** 2 > smoothReach) continue;
      }
      if (!fresh) continue;
      const passed = this.owed[slot]!;
      this.owed[slot] = 0;
      const leapt = Math.abs(rows.x[i]! - this.x[slot]!) + Math.abs(rows.z[i]! - this.z[slot]!) > leap;
      this.x[slot] = rows.x[i]!;
      this.y[slot] = rows.y[i]!;
      this.z[slot] = rows.z[i]!;
      this.stepSlot(slot, rows.animation[i]!, rows.speed[i]!, rows.yaw[i]!, rows.speaking[i] === 1, passed);
      if (leapt) this.land(slot, rows.speaking[i] === 1);
      if (news === RESTS && rows.speaking[i] === 0) this.hold(slot, rows.yaw[i]!);
    }
    this.selfSlot = -1;
    if (self) this.updateSelf(self, seconds);
    if (this.count > left + (self ? 1 : 0)) this.retire(seconds);
    if (rows.count > 0) this.opening = false;
  }

  /** Leaves who has settled to the graphics card. */
  private hold(slot: number, yaw: number): void {
    if (this.shown[slot]! < 1 || this.gait.blend[slot]! > 0) return;
    if (this.shift[slot] !== Math.max(this.seat[slot]!, 0) || Math.abs(Math.sin((yaw - this.yaw[slot]!) / 2)) > turned) return;
    if (this.sat[slot]! >= 0 && this.sat[slot]! < seatLooks[1] && this.seat[slot]! < 0) return; // a seat may be found yet
    const row = this.gait.hold(this.rules, slot, this.clock);
    if (row === null) return;
    this.held[slot] = 1;
    this.pose[slot * FLOATS_PER_POSE + 4] = row;
  }

  private release(slot: number, clock = this.clock): void {
    if (this.held[slot] === 0) return;
    this.held[slot] = 0;
    this.gait.resume(this.rules, slot, clock);
  }

  private updateSelf(self: SelfState, seconds: number): void {
    const fresh = !this.bySlot.has(self.entity);
    const slot = this.slotFor(self.entity, self.animation);
    if (fresh) this.yaw[slot] = self.yaw;
    this.selfSlot = slot;
    this.seen[slot] = this.stamp;
    this.release(slot, this.clock - seconds);
    this.x[slot] = self.x;
    this.y[slot] = self.y;
    this.z[slot] = self.z;
    this.stepSlot(slot, self.animation, self.speed, self.yaw, false, seconds);
  }

  private slotFor(entity: number, animation: number): number {
    const known = this.bySlot.get(entity);
    if (known !== undefined) {
      this.used[known] = 1;
      return known;
    }
    let slot = this.free.pop();
    if (slot === undefined) {
      if (this.slots === this.capacity) this.grow();
      slot = this.slots++;
    }
    this.bySlot.set(entity, slot);
    this.used[slot] = 1;
    this.entity[slot] = entity;
    this.shown[slot] = this.opening ? 1 : 0;
    this.yaw[slot] = Number.NaN;
    this.sat[slot] = -1;
    this.shift[slot] = 0;
    this.owed[slot] = 0;
    this.held[slot] = 0;
    this.count++;
    this.gait.start(slot, animation & 7, (scramble(entity) & 0xffff) / 0x10000);
    this.dress(slot);
    return slot;
  }

  private dress(slot: number): void {
    const entity = this.entity[slot]!;
    const appearance = this.appearances.get(entity) ?? guessAppearance(entity);
    packLook(appearance, this.extras, scramble(entity), this.look, slot * WORDS_PER_LOOK);
    this.height[slot] = packedHeight(this.look[slot * WORDS_PER_LOOK + 2]!);
    this.lookChanged = true;
  }

  private stepSlot(
    slot: number,
    animation: number,
    speed: number,
    yaw: number,
    speaks: boolean,
    seconds: number,
  ): void {
    // Who walks on the spot (against a wall, say) stands.
    let clip = (animation === WALK || animation === RUN) && speed < 0.12 ? 0 : animation & 7;
    if (clip === WAVE && this.wearsScarf(slot)) clip = WAVE_SCARF;
    if (clip === SIT) clip = this.sitDown(slot, seconds);
    else if (this.sat[slot]! >= 0) this.sat[slot] = this.seat[slot] = -1;
    if (this.shift[slot] !== 0 || this.seat[slot]! > 0) {
      const wanted = Math.max(this.seat[slot]!, 0);
      const shift = this.shift[slot]! + (wanted - this.shift[slot]!) * Math.min(1, seconds * shiftPerSecond);
      this.shift[slot] = Math.abs(shift - wanted) < 1e-3 ? wanted : shift;
    }
    this.gait.step(this.rules, slot, clip, speed, this.height[slot]!, seconds);
    let turn = yaw - this.yaw[slot]!;
    turn -= Math.round(turn / (2 * Math.PI)) * 2 * Math.PI;
    this.yaw[slot]! += turn * Math.min(1, seconds * turnPerSecond);
    if (clip !== JUMP) this.ground[slot] = this.y[slot]!;
    const shown = Math.min(1, this.shown[slot]! + seconds / fadeSeconds);
    this.shown[slot] = shown;
    if (shown < 1) this.fading++;
    this.write(slot, speaks);
  }

  private wearsScarf(slot: number): boolean {
    const [worn, held] = scarfParts(this.extras.parts);
    return held < 31 && ((this.look[slot * WORDS_PER_LOOK]! >>> worn) & 1) === 1;
  }

  private land(slot: number, speaks: boolean): void {
    this.gait.blend[slot] = 0;
    this.shift[slot] = Math.max(this.seat[slot]!, 0);
    if (this.sat[slot]! >= 0) this.sat[slot] = -1; // a seat is looked for anew
    this.write(slot, speaks);
  }

  /** The clip to sit by: on a seat, where there is one behind, else on the ground. */
  private sitDown(slot: number, seconds: number): number {
    const before = this.sat[slot]!;
    this.sat[slot] = Math.max(before, 0) + seconds;
    const due = before < 0 || seatLooks.some((at) => before < at && this.sat[slot]! >= at);
    if (due) {
      const [x, y, z, yaw] = [this.x[slot]!, this.y[slot]!, this.z[slot]!, this.yaw[slot]!];
      this.seat[slot] = this.seatBehind?.(x, y, z, yaw) ?? -1;
    }
    return this.seat[slot]! < 0 ? SIT : SIT_SEAT;
  }

  private write(slot: number, speaks: boolean): void {
    this.poseChanged = true;
    const p = this.pose;
    const at = slot * FLOATS_PER_POSE;
    const yaw = this.yaw[slot]!;
    const shift = this.shift[slot]!;
    p[at] = this.x[slot]! - (shift === 0 ? 0 : Math.sin(yaw) * shift);
    p[at + 1] = this.y[slot]!;
    p[at + 2] = this.z[slot]! - (shift === 0 ? 0 : Math.cos(yaw) * shift);
    p[at + 3] = yaw;
    p[at + 4] = this.gait.row(this.rules, slot);
    p[at + 5] = this.gait.oldRow(this.rules, slot);
    p[at + 6] = this.gait.blend[slot]!;
    p[at + 7] = packFlags(this.shown[slot]!, speaks, this.y[slot]! - this.ground[slot]!);
  }

  /** Fades out who was not among this frame's rows, and frees the slot at the end. */
  private retire(seconds: number): void {
    for (let slot = 0; slot < this.slots; slot++) {
      if (this.used[slot] === 0 || this.seen[slot] === this.stamp) continue;
      this.used[slot] = 2;
      this.release(slot);
      this.shown[slot] = Math.max(0, this.shown[slot]! - seconds / fadeSeconds);
      if (this.shown[slot]! > 0) {
        this.fading++;
        this.write(slot, false);
        continue;
      }
      this.used[slot] = 0;
      this.bySlot.delete(this.entity[slot]!);
      this.free.push(slot);
      this.count--;
    }
  }

  private grow(): void {
    const capacity = this.capacity * 2;
    const copy = <T extends Float32Array | Uint32Array | Uint8Array>(from: T, to: T): T => {
      to.set(from);
      return to;
    };
    this.used = copy(this.used, new Uint8Array(capacity));
    this.entity = copy(this.entity, new Uint32Array(capacity));
    this.seen = copy(this.seen, new Uint32Array(capacity));
    this.x = copy(this.x, new Float32Array(capacity));
    this.y = copy(this.y, new Float32Array(capacity));
    this.z = copy(this.z, new Float32Array(capacity));
    this.yaw = copy(this.yaw, new Float32Array(capacity));
    this.height = copy(this.height, new Float32Array(capacity));
    this.shown = copy(this.shown, new Float32Array(capacity));
    this.ground = copy(this.ground, new Float32Array(capacity));
    this.sat = copy(this.sat, new Float32Array(capacity));
    this.seat = copy(this.seat, new Float32Array(capacity));
    this.shift = copy(this.shift, new Float32Array(capacity));
    this.owed = copy(this.owed, new Float32Array(capacity));
    this.held = copy(this.held, new Uint8Array(capacity));
    this.pose = copy(this.pose, new Float32Array(capacity * FLOATS_PER_POSE));
    this.look = copy(this.look, new Uint32Array(capacity * WORDS_PER_LOOK));
    this.gait.grow(capacity);
    this.capacity = capacity;
  }
}
