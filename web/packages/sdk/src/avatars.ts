// Where everybody else is drawn. Poses come tick by tick; they are drawn a little behind the host's clock, between two
// known poses, so that the network's unevenness is not seen. Keyed by entity, each with ticks of its own (levels of detail
// have different rates), the newest wins; whoever was not heard of for a second is gone (absence from one frame is no
// departure). Columns, no objects: thousands are sampled per frame.
// Whoever rests (the last two poses say the same) is not sampled again before another pose says something else: a stand of
// spectators costs a look at each.
// In a crowd those far from the eye are sampled every second or fourth frame only: at 25 m a walker moves by less than two
// pixels meanwhile, and script time would otherwise grow with the whole stadium.

import type { DecodedPoses } from "@manyworlds/protocol";

/**
 * Everyone that is drawn this frame. Rows 0 to count-1 hold; the arrays may be longer and are reused. A person keeps the row
 * until somebody leaves: then the last row moves into the place that is free.
 */
export interface AvatarColumns {
  count: number;
  /**
   * 1 where the row was brought up to this moment, 0 where it is as it was; 2 where it is as it was because the person rests: it says
   * what holds now, and until it is 1 again.
   */
  fresh: Uint8Array;
  entity: Uint32Array;
  x: Float32Array;
  y: Float32Array;
  z: Float32Array;
  yaw: Float32Array;
  /** wire::Animation: 0 idle, 1 walk, 2 run, 3 jump, 4 sit, 5 wave, 6 cheer, 7 clap. */
  animation: Uint8Array;
  /** Over the ground, m/s. */
  speed: Float32Array;
  /** 1 while the person speaks. */
  speaking: Uint8Array;
}

const DEPTH = 8;
const GONE_TICKS = 20;
const EXTRAPOLATE_TICKS = 2;
const TURN = (2 * Math.PI) / 256;
/** Up to so many people everybody is sampled every frame. */
const SMOOTH_COUNT = 1500;
/** Squares of the distances up to which people of a crowd are sampled every frame, and every second one. */
const EVERY_FRAME = 25 ** 2;
const EVERY_SECOND_FRAME = 70 ** 2;
/** Faster than any rule of movement lets one go: such a step is a teleport, not a walk. */
const TELEPORT_M_PER_TICK = 1;
const TELEPORT_SLACK_M = 1.5;

export function makeColumns(capacity: number): AvatarColumns {
  return {
    count: 0,
    fresh: new Uint8Array(capacity),
    entity: new Uint32Array(capacity),
    x: new Float32Array(capacity),
    y: new Float32Array(capacity),
    z: new Float32Array(capacity),
    yaw: new Float32Array(capacity),
    animation: new Uint8Array(capacity),
    speed: new Float32Array(capacity),
    speaking: new Uint8Array(capacity),
  };
}

function grown<T extends Uint32Array | Float32Array | Uint8Array>(old: T, length: number): T {
  const array = new (old.constructor as new (length: number) => T)(length);
  array.set(old);
  return array;
}

export class AvatarBuffer {
  private capacity = 64;
  private readonly slots = new Map<number, number>();
  private free: number[] = [];
  private used = 0;
  /** Of the last frame: row to slot, so that a frame with the same members costs no look-ups. */
  private rowEntity = new Uint32Array(0);
  private rowSlot = new Uint32Array(0);
  /** Of the last frame: tick and level of each row, so that what is no news costs a comparison. */
  private rowTick = new Uint32Array(0);
  private rowLevel = new Uint8Array(0);
  private newestTick = -1;
  private frame = 0;
  /** The visitor's own avatar, which others' poses say nothing new about. */
  private self = 0;

  // Rows of the columns: their slots, and where each slot's row is.
  private order = new Uint32Array(this.capacity);
  private rowOf = new Uint32Array(this.capacity);
  // One ring of DEPTH samples for each slot.
  private entity = new Uint32Array(this.capacity);
  private head = new Uint8Array(this.capacity);
  private filled = new Uint8Array(this.capacity);
  private tick = new Uint32Array(this.capacity * DEPTH);
  private x = new Float32Array(this.capacity * DEPTH);
  private y = new Float32Array(this.capacity * DEPTH);
  private z = new Float32Array(this.capacity * DEPTH);
  private yaw = new Uint8Array(this.capacity * DEPTH);
  private animation = new Uint8Array(this.capacity * DEPTH);
  private speaking = new Uint8Array(this.capacity);
  private rests = new Uint8Array(this.capacity);
  /** The tick since which every pose has said the same. */
  private since = new Uint32Array(this.capacity);
  private columns = makeColumns(this.capacity);

  get newest(): number {
    return this.newestTick;
  }

  /** Of the columns, as the last sample left them. */
  get count(): number {
    return this.columns.count;
  }

  get size(): number {
    return this.slots.size;
  }

  push(poses: DecodedPoses): void {
    const { count } = poses;
    const before = this.newestTick;
    if (this.rowEntity.length < count) {
      this.rowEntity = new Uint32Array(Math.max(64, count * 2));
      this.rowSlot = new Uint32Array(this.rowEntity.length);
      this.rowTick = new Uint32Array(this.rowEntity.length);
      this.rowLevel = new Uint8Array(this.rowEntity.length);
    }
    for (let row = 0; row < count; row++) {
      const entity = poses.entity[row] as number;
      if (entity === this.self) continue;
      let slot = this.rowSlot[row] as number;
      const tick = poses.ticks[row] as number;
      if (this.rowEntity[row] !== entity || this.entity[slot] !== entity) {
        // Who has no slot and no news was removed: the reader keeps rows a little longer.
        if (tick <= before && !this.slots.has(entity)) continue;
        slot = this.slotOf(entity);
        this.rowEntity[row] = entity;
        this.rowSlot[row] = slot;
      } else if (this.rowTick[row] === tick && this.rowLevel[row] === poses.levels[row]) {
        continue;
      }
      this.rowTick[row] = tick;
      this.rowLevel[row] = poses.levels[row] as number;
      this.pushOne(slot, tick, poses, row);
    }
    if (poses.tick > this.newestTick) this.newestTick = poses.tick;
  }

  remove(entity: number): void {
    const slot = this.slots.get(entity);
    if (slot === undefined) return;
    this.slots.delete(entity);
    this.entity[slot] = 0;
    this.filled[slot] = 0;
    this.free.push(slot);
    const { columns } = this;
    const row = this.rowOf[slot] as number;
    const last = --columns.count;
    if (row === last) return;
    const moved = this.order[last] as number;
    this.order[row] = moved;
    this.rowOf[moved] = row;
    columns.entity[row] = columns.entity[last] as number;
    // Where it was says nothing here: the next sample fills the row.
    columns.x[row] = Number.NaN;
    this.rests[moved] = 0;
  }

  clear(): void {
    for (const entity of [...this.slots.keys()]) this.remove(entity);
    this.rowEntity.fill(0);
    this.newestTick = -1;
  }

  /** Everybody at a (fractional) tick but `self`, seen from about `eye`. The columns are reused by the next call. */
  sample(tick: number, self: number, eye?: { x: number; z: number }): AvatarColumns {
    const out = this.columns;
    if (self !== this.self) {
      this.self = self;
      this.remove(self);
    }
    this.frame++;
    const all = !eye || out.count <= SMOOTH_COUNT;
    for (let row = 0; row < out.count; row++) {
      const slot = this.order[row] as number;
      const rests = this.rests[slot] === 1;
      // Whether somebody who rests is still there, every sixteenth frame.
      if (rests && !all && ((row + this.frame) & 15) !== 0) {
        out.fresh[row] = 2;
        continue;
      }
      const newest = this.tick[slot * DEPTH + (this.head[slot] as number)] as number;
      if (this.newestTick - newest > GONE_TICKS) {
        this.remove(this.entity[slot] as number);
        row--; // another one stands in this row now
        continue;
      }
      if (rests) {
        out.fresh[row] = 2;
        continue;
      }
      out.fresh[row] = all || this.due(row, out, eye) ? 1 : 0;
      if (out.fresh[row] === 1) this.sampleOne(slot, row, tick, out);
    }
    return out;
  }

  /** Over the ground, m, from where the last sample left the person in this row; NaN before the first. */
  distance(row: number, eye: { x: number; z: number }): number {
    return Math.hypot((this.columns.x[row] as number) - eye.x, (this.columns.z[row] as number) - eye.z);
  }

  /** The tick of the newest that is known of the person in this row; "no change" is news. */
  newestAt(row: number): number {
    const slot = this.order[row] as number;
    return this.tick[slot * DEPTH + (this.head[slot] as number)] as number;
  }

  private due(row: number, out: AvatarColumns, eye: { x: number; z: number }): boolean {
    const dx = (out.x[row] as number) - eye.x;
    const dz = (out.z[row] as number) - eye.z;
    const away = dx * dx + dz * dz;
    // A new row's place is not a number, and no comparison with it is true.
    const skip = away > EVERY_SECOND_FRAME ? 3 : away > EVERY_FRAME ? 1 : 0;
    return ((row + this.frame) & skip) === 0;
  }

  private pushOne(slot: number, tick: number, poses: DecodedPoses, row: number): void {
    const filled = this.filled[slot] as number;
    let head = this.head[slot] as number;
    if (filled > 0) {
      const newest = this.tick[slot * DEPTH + head] as number;
      if (tick < newest) return;
      if (!this.says(slot * DEPTH + head, slot, poses, row)) {
        this.rests[slot] = 0;
        this.since[slot] = tick;
      } else if (this.rests[slot] === 1) {
        this.tick[slot * DEPTH + head] = tick;
        return;
      }
      if (tick > newest) {
        head = (head + 1) % DEPTH;
        this.filled[slot] = Math.min(DEPTH, filled + 1);
      }
    } else {
      this.filled[slot] = 1;
      this.since[slot] = tick;
    }
    this.head[slot] = head;
    const at = slot * DEPTH + head;
    this.tick[at] = tick;
    this.x[at] = (poses.x[row] as number) / 100;
    this.y[at] = (poses.y[row] as number) / 100;
    this.z[at] = (poses.z[row] as number) / 100;
    this.yaw[at] = poses.yaw[row] as number;
    this.animation[at] = poses.animation[row] as number;
    this.speaking[slot] = poses.speaking[row] as number;
  }

  /** Whether a pose says what the sample at `at` said. */
  private says(at: number, slot: number, poses: DecodedPoses, row: number): boolean {
    return (
      this.x[at] === Math.fround((poses.x[row] as number) / 100) &&
      this.z[at] === Math.fround((poses.z[row] as number) / 100) &&
      this.y[at] === Math.fround((poses.y[row] as number) / 100) &&
      this.yaw[at] === poses.yaw[row] &&
      this.animation[at] === poses.animation[row] &&
      this.speaking[slot] === poses.speaking[row]
    );
  }

  private sampleOne(slot: number, row: number, tick: number, out: AvatarColumns): void {
    const base = slot * DEPTH;
    const filled = this.filled[slot] as number;
    // b is the oldest sample that is newer than `tick`, a the one before it.
    let b = this.head[slot] as number;
    let a = b;
    for (let i = 1; i < filled; i++) {
      a = (b + DEPTH - 1) % DEPTH;
      if ((this.tick[base + a] as number) <= tick || i === filled - 1) break;
      b = a;
    }
    this.blend(base + a, base + b, row, tick, out);
    out.speaking[row] = this.speaking[slot] as number;
    if ((this.tick[base + a] as number) >= (this.since[slot] as number)) this.rests[slot] = 1;
  }

  private blend(a: number, b: number, row: number, tick: number, out: AvatarColumns): void {
    const from = this.tick[a] as number;
    const span = (this.tick[b] as number) - from;
    const x = this.x[a] as number;
    const y = this.y[a] as number;
    const z = this.z[a] as number;
    const dx = (this.x[b] as number) - x;
    const dy = (this.y[b] as number) - y;
    const dz = (this.z[b] as number) - z;
    let share = span > 0 ? (tick - from) / span : 1;
    share = Math.max(0, Math.min(1 + (span > 0 ? EXTRAPOLATE_TICKS / span : 0), share));
    const flat = dx * dx + dz * dz;
    const teleported = flat + dy * dy > (TELEPORT_SLACK_M + TELEPORT_M_PER_TICK * span) ** 2;
    if (teleported) share = share < 1 ? 0 : 1;
    const inside = Math.min(1, share);
    out.x[row] = x + dx * share;
    // Falling on below the ground looks worse than a late landing: height is not extrapolated.
    out.y[row] = y + dy * inside;
    out.z[row] = z + dz * share;
    // The difference of two bytes as a signed byte is the shorter way round.
    const turn = (((this.yaw[b] as number) - (this.yaw[a] as number)) << 24) >> 24;
    out.yaw[row] = ((this.yaw[a] as number) + turn * inside) * TURN;
    out.animation[row] = this.animation[share < 0.5 ? a : b] as number;
    out.speed[row] = span > 0 && !teleported ? (Math.sqrt(flat) / span) * 20 : 0;
  }

  private slotOf(entity: number): number {
    const known = this.slots.get(entity);
    if (known !== undefined) return known;
    const slot = this.free.pop() ?? this.used++;
    if (slot >= this.capacity) this.grow();
    this.slots.set(entity, slot);
    this.entity[slot] = entity;
    this.filled[slot] = 0;
    this.head[slot] = 0;
    this.rests[slot] = 0;
    const row = this.columns.count++;
    this.order[row] = slot;
    this.rowOf[slot] = row;
    this.columns.entity[row] = entity;
    this.columns.x[row] = Number.NaN;
    return slot;
  }

  private grow(): void {
    this.capacity *= 2;
    const rings = this.capacity * DEPTH;
    this.order = grown(this.order, this.capacity);
    this.rowOf = grown(this.rowOf, this.capacity);
    this.entity = grown(this.entity, this.capacity);
    this.head = grown(this.head, this.capacity);
    this.filled = grown(this.filled, this.capacity);
    this.speaking = grown(this.speaking, this.capacity);
    this.rests = grown(this.rests, this.capacity);
    this.since = grown(this.since, this.capacity);
    this.tick = grown(this.tick, rings);
    this.x = grown(this.x, rings);
    this.y = grown(this.y, rings);
    this.z = grown(this.z, rings);
    this.yaw = grown(this.yaw, rings);
    this.animation = grown(this.animation, rings);
    const { count, ...old } = this.columns;
    const columns = makeColumns(this.capacity);
    for (const name of Object.keys(old) as (keyof typeof old)[]) columns[name].set(old[name]);
    columns.count = count;
    this.columns = columns;
  }
}
