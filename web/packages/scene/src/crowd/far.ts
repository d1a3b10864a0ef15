// The far part of a crowd, of which the host says only how many stand where and what they do (aggregates). Each is turned into
// so many people: on the seats of its place where there are numbered ones, by the same entities that sit there when one comes
// near; elsewhere strewn over its plane. Where a person is stands in one table, written when an aggregate comes or its number
// changes; what its people do in another, a row for each aggregate, which follows the host's shares over a quarter of a second.
// The shader does the rest (impostor.ts), so that a frame costs script for each aggregate, not for each person.
// An aggregate that ends goes on until those who are now shown by themselves have come in. No three.js: tested alone.

import type { CrowdAggregate } from "@manyworlds/protocol";
import { scramble } from "./looks.ts";
import { isSpare, type Seats } from "./seats.ts";

/** Floats of a person: x, y, z, yaw; entity, row of the aggregate, 1 on a seat, nothing. */
export const FLOATS_PER_PLACE = 8;
/** Floats of an aggregate: 8 bounds between what its people do (in `doings`' order); share that shows, velocity, speed. */
export const FLOATS_PER_PART = 16;
/** wire::Animation by how lively: so a share that grows takes in those next to it. The shader has the same order. */
export const doings = [4, 0, 7, 5, 6, 1, 2, 3] as const;
export const FAR_SLOT = 0x80000000;
const fadeSeconds = 0.32;
const holdSeconds = 0.4;
const followPerSecond = 4;
const bucketM = 8;
const block = 32;
/** Beside one drawn person the shader may draw two more, where there are more than a device should draw. */
export const MANY_MOST = 3;

export interface Spectators {
  first: number;
  count: number;
}

interface Part {
  track: number;
  row: number;
  first: number;
  room: number;
  count: number;
  aggregate: CrowdAggregate;
  shares: Float32Array;
  shown: number;
  /** Seconds since it ended; -1 while it is there. */
  gone: number;
  seats: number[];
}

export class Far {
  place = new Float32Array(1024 * FLOATS_PER_PLACE);
  rows = new Float32Array(64 * FLOATS_PER_PART);
  placeChanged = false;
  /** See `list`. */
  slots = new Uint32Array(1024);
  private listed: number[] = [];
  private listedCount = 0;
  /** People of all aggregates that are there. */
  people = 0;
  private readonly parts = new Map<number, Part>();
  private readonly fading: Part[] = [];
  private readonly freeRows: number[] = [];
  private usedRows = 0;
  private readonly freeBlocks = new Map<number, number[]>();
  private used = 0;
  private taken: readonly CrowdAggregate[] = [];
  private seats: Seats | null = null;
  private spectators: Spectators | null = null;
  private readonly buckets = new Map<number, number[]>();
  /** By seat: who sits there (0: nobody), and whether an aggregate has taken it. */
  private sitter = new Uint32Array(0);
  private owned = new Uint8Array(0);
  private opening = true;

  /** Whether an aggregate that ended still shows. */
  get leaving(): boolean {
    return this.fading.length > 0;
  }

  /** For another world; what was there is gone at once. */
  setSeats(seats: Seats | null): void {
    this.parts.clear();
    this.fading.length = this.freeRows.length = 0;
    this.freeBlocks.clear();
    this.buckets.clear();
    this.usedRows = this.used = this.people = 0;
    this.taken = [];
    this.opening = true;
    this.seats = seats;
    this.spectators = null;
    this.sitter = new Uint32Array(seats?.count ?? 0);
    this.owned = new Uint8Array(seats?.count ?? 0);
    for (let i = 0; i < (seats?.count ?? 0); i++) {
      const key = bucketOf(seats!.place[i * 4]!, seats!.place[i * 4 + 2]!);
      const list = this.buckets.get(key);
      if (list) list.push(i);
      else this.buckets.set(key, [i]);
    }
  }

  setSpectators(spectators: Spectators | null): void {
    const { seats } = this;
    if (!seats || (this.spectators?.first === spectators?.first && this.spectators?.count === spectators?.count)) return;
    this.spectators = spectators;
    this.sitter.fill(0);
    const spare = seats.count - (spectators?.count ?? seats.count);
    let next = spectators?.first ?? 0;
    if (spectators && spare > 0)
      for (let i = 0; i < seats.count; i++) if (!isSpare(i, seats.count, spare)) this.sitter[i] = next++;
    for (const part of this.parts.values()) this.leaveSeats(part);
    for (const part of this.parts.values()) this.settle(part, part.aggregate);
  }

  /** `aggregates`: the same list as last time when there is no news. */
  update(aggregates: readonly CrowdAggregate[], seconds: number): void {
    if (aggregates !== this.taken) this.take(aggregates);
    for (const part of this.parts.values()) this.follow(part, seconds);
    for (let i = this.fading.length - 1; i >= 0; i--) {
      const part = this.fading[i]!;
      part.gone += seconds;
      if (part.gone > holdSeconds) part.shown = Math.max(0, part.shown - seconds / fadeSeconds);
      this.write(part);
      if (part.shown > 0) continue;
      this.fading.splice(i, 1);
      this.freeRows.push(part.row);
      this.release(part);
    }
  }

  /**
   * Puts the slots of all who can be seen, at most about `most`, into `slots`: how many, how many people each stands for, and whether
   * that is another list than the last time. Planes as in tiers.ts.
   */
  list(planes: Float32Array, most: number): { count: number; many: number; changed: boolean } {
    const seen = [...this.parts.values(), ...this.fading].filter((part) => inside(part, planes));
    const total = seen.reduce((sum, part) => sum + part.count, 0);
    const share = total > most ? most / total : 1;
    const many = Math.min(MANY_MOST, Math.round(1 / share));
    const now = seen.flatMap((part) => [part.first, Math.ceil(part.count * share)]);
    const before = this.listed;
    const changed = now.length !== before.length || now.some((value, i) => value !== before[i]);
    if (changed) this.fillSlots(now);
    return { count: this.listedCount, many, changed };
  }

  private fillSlots(listed: number[]): void {
    this.listed = listed;
    let count = 0;
    for (let k = 1; k < listed.length; k += 2) count += listed[k]!;
    if (this.slots.length < count) this.slots = new Uint32Array(2 ** Math.ceil(Math.log2(count)));
    this.listedCount = count;
    let at = 0;
    for (let k = 0; k < listed.length; k += 2) {
      const first = FAR_SLOT + listed[k]!;
      for (let i = 0; i < listed[k + 1]!; i++) this.slots[at++] = first + i;
    }
  }

  private take(aggregates: readonly CrowdAggregate[]): void {
    this.taken = aggregates;
    const here = new Set(aggregates.map((aggregate) => aggregate.track));
    for (const part of [...this.parts.values()]) {
      if (here.has(part.track)) continue;
      this.parts.delete(part.track);
      this.leaveSeats(part);
      part.gone = 0;
      this.fading.push(part);
    }
    this.people = 0;
    for (const aggregate of aggregates) {
      this.people += aggregate.count;
      const part = this.parts.get(aggregate.track);
      if (!part) this.add(aggregate);
      else if (moved(part.aggregate, aggregate)) this.settle(part, aggregate);
      else part.aggregate = aggregate;
    }
    if (aggregates.length > 0) this.opening = false;
  }

  private add(aggregate: CrowdAggregate): void {
    const row = this.freeRows.pop() ?? this.usedRows++;
    if ((row + 1) * FLOATS_PER_PART > this.rows.length) this.rows = grown(this.rows);
    const part: Part = {
      track: aggregate.track, row, first: 0, room: 0, count: 0, aggregate,
      shares: new Float32Array(aggregate.shares), shown: this.opening ? 1 : 0, gone: -1, seats: [],
    };
    this.parts.set(aggregate.track, part);
    this.settle(part, aggregate);
  }

  /** Gives each of its people a place. */
  private settle(part: Part, aggregate: CrowdAggregate): void {
    this.leaveSeats(part);
    part.aggregate = aggregate;
    part.count = aggregate.count;
    if (part.room < aggregate.count) {
      this.release(part);
      this.claim(part, Math.ceil(aggregate.count / block) * block);
    }
    const seats = this.seats ? this.findSeats(aggregate) : [];
    part.seats = seats;
    for (const seat of seats) this.owned[seat] = 1;
    // In an order that jumps about, so that the first half of them is half of them everywhere.
    const { count } = aggregate;
    const stride = strideOf(count);
    for (let i = 0; i < count; i++) {
      const k = (i * stride) % count;
      const at = (part.first + i) * FLOATS_PER_PLACE;
      if (k < seats.length) this.sit(at, seats[k]!);
      else this.stand(at, aggregate, k);
      this.place[at + 5] = part.row;
    }
    this.placeChanged = true;
  }

  private sit(at: number, seat: number): void {
    const from = this.seats!.place;
    for (let c = 0; c < 4; c++) this.place[at + c] = from[seat * 4 + c]!;
    this.place[at + 4] = this.sitter[seat] || 0x700000 + seat;
    this.place[at + 6] = 1;
  }

  private stand(at: number, aggregate: CrowdAggregate, k: number): void {
    const h = scramble(aggregate.track * 7919 + k);
    const dx = (((h & 0xffff) / 0xffff) * 2 - 1) * aggregate.halfX;
    const dz = (((h >>> 16) / 0xffff) * 2 - 1) * aggregate.halfZ;
    this.place[at] = aggregate.x + dx;
    this.place[at + 1] = aggregate.y + dx * aggregate.slopeX + dz * aggregate.slopeZ;
    this.place[at + 2] = aggregate.z + dz;
    this.place[at + 3] = (scramble(h) / 0xffffffff) * 2 * Math.PI;
    this.place[at + 4] = h & 0x7fffff;
    this.place[at + 6] = 0;
  }

  /** Free seats within the box, first those well inside where somebody sits: a box is rounded outwards. */
  private findSeats(a: CrowdAggregate): number[] {
    const { place } = this.seats!;
    const found: number[][] = [[], [], []];
    const low = [Math.floor((a.x - a.halfX) / bucketM), Math.floor((a.z - a.halfZ) / bucketM)] as const;
    const high = [Math.floor((a.x + a.halfX) / bucketM), Math.floor((a.z + a.halfZ) / bucketM)] as const;
    for (let bx = low[0]; bx <= high[0]; bx++) {
      for (let bz = low[1]; bz <= high[1]; bz++) {
        for (const seat of this.buckets.get(bx * 4096 + bz) ?? []) {
          const off = Math.max(Math.abs(place[seat * 4]! - a.x) - a.halfX, Math.abs(place[seat * 4 + 2]! - a.z) - a.halfZ);
          if (off > 0 || this.owned[seat] === 1) continue;
          found[this.sitter[seat] === 0 ? 2 : off > -0.2 ? 1 : 0]!.push(seat);
        }
      }
    }
    return found.flat().slice(0, a.count);
  }

  private leaveSeats(part: Part): void {
    for (const seat of part.seats) this.owned[seat] = 0;
    part.seats = [];
  }

  private claim(part: Part, room: number): void {
    part.room = room;
    const free = this.freeBlocks.get(room)?.pop();
    part.first = free ?? this.used;
    if (free !== undefined) return;
    this.used += room;
    while (this.used * FLOATS_PER_PLACE > this.place.length) this.place = grown(this.place);
  }

  private release(part: Part): void {
    if (part.room === 0) return;
    const list = this.freeBlocks.get(part.room);
    if (list) list.push(part.first);
    else this.freeBlocks.set(part.room, [part.first]);
    part.room = 0;
  }

  private follow(part: Part, seconds: number): void {
    part.shown = Math.min(1, part.shown + seconds / fadeSeconds);
    const share = Math.min(1, seconds * followPerSecond);
    for (let i = 0; i < 8; i++) part.shares[i]! += (part.aggregate.shares[i]! - part.shares[i]!) * share;
    this.write(part);
  }

  private write(part: Part): void {
    const at = part.row * FLOATS_PER_PART;
    let sum = 0;
    doings.forEach((doing, i) => (this.rows[at + i] = sum += part.shares[doing]!));
    const { velocityX, velocityZ, spread } = part.aggregate;
    this.rows[at + 8] = part.shown;
    this.rows[at + 9] = velocityX;
    this.rows[at + 10] = velocityZ;
    this.rows[at + 11] = spread;
  }
}

const bucketOf = (x: number, z: number): number => Math.floor(x / bucketM) * 4096 + Math.floor(z / bucketM);

function grown(from: Float32Array): Float32Array<ArrayBuffer> {
  const to = new Float32Array(from.length * 2);
  to.set(from);
  return to;
}

/** Coprime to the count, so that each comes once. */
function strideOf(count: number): number {
  const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));
  for (let stride = Math.max(1, Math.round(count * 0.618)); ; stride++) if (gcd(stride, count) === 1) return stride;
}

const moved = (a: CrowdAggregate, b: CrowdAggregate): boolean =>
  a.count !== b.count || Math.abs(a.x - b.x) + Math.abs(a.z - b.z) + Math.abs(a.halfX - b.halfX) + Math.abs(a.halfZ - b.halfZ) > 0.9;

function inside({ aggregate: a }: Part, planes: Float32Array): boolean {
  const radius = Math.hypot(a.halfX, a.halfZ) * (1 + Math.max(Math.abs(a.slopeX), Math.abs(a.slopeZ))) + 3;
  for (let k = 0; k < 20; k += 4) {
    if (planes[k]! * a.x + planes[k + 1]! * (a.y + 1) + planes[k + 2]! * a.z + planes[k + 3]! < -radius) return false;
  }
  return true;
}
