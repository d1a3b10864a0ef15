// How good the last minute was, as this client measured it: what `quality.report` says once a minute and when one leaves.
// Only time in which somebody looks counts: a hidden page draws nothing, and what it would measure means nothing.
// The angle between where somebody is drawn and where they are cannot be measured here: a client does not know the truth.

import type { Calls } from "@manyworlds/protocol";

export type QualityReport = Calls["quality.report"]["params"];

const REPORT_MS = 60_000;
/** A report that covers less says too little: the host does not count it. */
const LEAST_MS = 5_000;
/** Without an update for so long the others stand still. */
const STALL_MS = 150;
/** Distances that part the rings of view, m. */
const NEAR_M = 20;
const MIDDLE_M = 70;
/** So many people are looked at in a frame, in turn: the cost stays the same in a stadium. */
const LOOKED_AT = 64;
const TICK_MS = 50;
/** A first picture that takes longer than this is none: the report says so, once. */
const JOIN_PATIENCE_MS = 60_000;

const FIRST = 1;
const STEP = 1.08;
const BUCKETS = 160; // up to 200 s

/** A histogram of fixed size: quantiles to within 4 %. */
export class Spread {
  private readonly counts = new Uint32Array(BUCKETS);
  total = 0;

  add(value: number): void {
    const bucket = value <= FIRST ? 0 : Math.ceil(Math.log(value / FIRST) / Math.log(STEP));
    this.counts[Math.min(bucket, BUCKETS - 1)]!++;
    this.total++;
  }

  /** NaN when nothing was added. */
  quantile(q: number): number {
    let left = q * this.total;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      left -= this.counts[bucket]!;
      if (this.total > 0 && left <= 0) return FIRST * STEP ** (bucket - 0.5);
    }
    return Number.NaN;
  }

  clear(): void {
    this.counts.fill(0);
    this.total = 0;
  }
}

/** What a frame shows of the others: where they are, and the tick of the newest news of each. */
export interface Seen {
  readonly count: number;
  /** Over the ground, m; NaN for whom no frame has shown. */
  distance(row: number, eye: { x: number; z: number }): number;
  newestAt(row: number): number;
}

export class QualityMeter {
  private world: string | null = null;
  private looking = true;
  /** When the wish to enter began; null once the first correct frame was drawn. */
  private joinFrom: number | null = null;
  private joinMs: number | null = null;
  private failed = false;
  private seenMs = 0;
  private stalledMs = 0;
  private bytes = 0;
  private lastFrame: number | null = null;
  private lastUpdate: number | null = null;
  private newest = -1;
  private next = 0;
  private readonly ticks = new Spread();
  private readonly frames = new Spread();
  private readonly ages = [new Spread(), new Spread(), new Spread()] as const;

  /** Into a world, since `from`; what was measured in the one before is gone: report it first. */
  enter(world: string, from: number): void {
    this.clear();
    this.world = world;
    this.joinFrom = from;
    this.joinMs = null;
    this.failed = false;
    this.lastUpdate = this.lastFrame = null;
    this.newest = -1;
  }

  leave(): void {
    this.clear();
    this.world = null;
  }

  get place(): string | null {
    return this.world;
  }

  /** The page is hidden or shown. */
  look(looking: boolean): void {
    if (this.looking === looking) return;
    this.looking = looking;
    this.lastFrame = this.lastUpdate = null;
    // A page in the background may load as slowly as the browser likes.
    if (!looking && this.joinFrom !== null) this.joinFrom = Number.NaN;
  }

  received(bytes: number): void {
    if (this.looking && this.joinFrom === null) this.bytes += bytes;
  }

  /** News of the others came; `tick` is the newest host tick that is known now. */
  updated(now: number, tick: number): void {
    if (tick <= this.newest && this.newest - tick < 1000) return;
    this.newest = tick;
    if (this.looking && this.joinFrom === null && this.lastUpdate !== null) this.ticks.add(now - this.lastUpdate);
    this.lastUpdate = now;
  }

  /** A frame was drawn. `tick`: the host's now, with its fraction; NaN when unknown. */
  drew(now: number, tick: number, seen: Seen, eye: { x: number; z: number }): void {
    if (this.world === null || !this.looking) return;
    if (this.joinFrom !== null) {
      if (this.newest < 0) return; // an empty stage is no correct frame
      this.joinMs = Number.isNaN(this.joinFrom) ? null : Math.max(0, now - this.joinFrom);
      this.joinFrom = null;
    }
    const gap = this.lastFrame === null ? 0 : now - this.lastFrame;
    this.lastFrame = now;
    this.lastUpdate ??= now;
    if (gap > 0) {
      const twice = this.frames.total > 30 ? 2 * this.frames.quantile(0.5) : Number.POSITIVE_INFINITY;
      this.frames.add(gap);
      this.seenMs += gap;
      if (gap > twice || now - this.lastUpdate > STALL_MS) this.stalledMs += gap;
    }
    if (Number.isFinite(tick)) this.lookAt(tick, seen, eye);
  }

  private lookAt(tick: number, seen: Seen, eye: { x: number; z: number }): void {
    const rows = Math.min(LOOKED_AT, seen.count);
    for (let i = 0; i < rows; i++) {
      const row = this.next >= seen.count ? 0 : this.next;
      this.next = row + 1;
      const away = seen.distance(row, eye);
      if (Number.isNaN(away)) continue; // not drawn yet
      const ring = away <= NEAR_M ? 0 : away <= MIDDLE_M ? 1 : 2;
      this.ages[ring].add(Math.max(0, (tick - seen.newestAt(row)) * TICK_MS));
    }
  }

  /** True when a minute is full, or a join has failed and nobody knows yet. */
  due(now: number): boolean {
    return this.world !== null && (this.seenMs >= REPORT_MS || this.joinFailed(now));
  }

  private joinFailed(now: number): boolean {
    return !this.failed && this.looking && this.joinFrom !== null && now - this.joinFrom > JOIN_PATIENCE_MS;
  }

  /** What was measured since the last one, and begins anew. `leaving`: a first frame that has not come will not. Null: too little. */
  take(now: number, clockErrorMs: number, leaving = false): QualityReport | null {
    const { world } = this;
    if (world === null) return null;
    const waited = this.joinFrom !== null && this.looking ? now - this.joinFrom : 0;
    if (this.joinFailed(now) || (leaving && !this.failed && waited > LEAST_MS)) {
      this.failed = true;
      return { world, seconds: rounded(Math.min(60, waited / 1000)), joined: false };
    }
    if (this.seenMs < LEAST_MS) return null;
    const seconds = Math.min(60, this.seenMs / 1000);
    const report: QualityReport = {
      world,
      seconds: rounded(seconds),
      stalled_percent: rounded(Math.min(100, (100 * this.stalledMs) / this.seenMs)),
      kbit_s: rounded((this.bytes * 8) / this.seenMs),
    };
    if (this.joinMs !== null) report.join_ms = rounded(Math.min(600_000, this.joinMs));
    if (Number.isFinite(clockErrorMs)) report.clock_error_ms = rounded(Math.min(90_000, clockErrorMs));
    const p99 = (name: "tick_ms" | "frame_ms" | "age_near_ms" | "age_middle_ms" | "age_far_ms", spread: Spread) => {
      if (spread.total > 0) report[name] = rounded(Math.min(90_000, spread.quantile(0.99)));
    };
    p99("tick_ms", this.ticks);
    p99("frame_ms", this.frames);
    p99("age_near_ms", this.ages[0]);
    p99("age_middle_ms", this.ages[1]);
    p99("age_far_ms", this.ages[2]);
    this.joinMs = null;
    this.clear();
    return report;
  }

  private clear(): void {
    this.seenMs = this.stalledMs = this.bytes = 0;
    for (const spread of [this.ticks, this.frames, ...this.ages]) spread.clear();
  }
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
