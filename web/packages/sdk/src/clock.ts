// Maps this machine's clock to the host's ticks, from answers to clock pings. The sample with the shortest round trip among
// the last few is believed (its halves differ least), and the estimate slides towards it, so that nobody is seen to jump.
// After Cristian, "Probabilistic clock synchronization" (1989).

interface Sample {
  roundTrip: number;
  /** tick = time / tickMs + offset */
  offset: number;
}

const KEPT = 8;
const SLIDE_TICKS_PER_SECOND = 0.5;
const SNAP_TICKS = 4;

export class ClockSync {
  private samples: Sample[] = [];
  private offset = Number.NaN;
  private target = Number.NaN;
  private lastNow = 0;

  constructor(private readonly tickMs: number) {}

  /** `sent` and `received` by the local clock in ms; `tick` is the host's, with its fraction. */
  sample(sent: number, received: number, tick: number): void {
    const roundTrip = received - sent;
    if (!(roundTrip >= 0) || !Number.isFinite(tick)) return;
    this.samples.push({ roundTrip, offset: tick - (sent + roundTrip / 2) / this.tickMs });
    if (this.samples.length > KEPT) this.samples.shift();
    const best = this.samples.reduce((a, b) => (b.roundTrip <= a.roundTrip ? b : a));
    this.target = best.offset;
    if (!(Math.abs(this.target - this.offset) < SNAP_TICKS)) this.offset = this.target;
  }

  get ready(): boolean {
    return Number.isFinite(this.offset);
  }

  /** Shortest of the last round trips, ms. */
  get roundTrip(): number {
    return this.samples.reduce((least, sample) => Math.min(least, sample.roundTrip), Number.POSITIVE_INFINITY);
  }

  /** The host's tick at a local time, with its fraction; NaN before the first sample. */
  tickAt(now: number): number {
    const elapsed = Math.max(0, Math.min(1, (now - this.lastNow) / 1000));
    this.lastNow = now;
    const most = SLIDE_TICKS_PER_SECOND * elapsed;
    this.offset += Math.max(-most, Math.min(most, this.target - this.offset));
    return now / this.tickMs + this.offset;
  }

  /** After a reconnection the host may have counted from the start again. */
  reset(): void {
    this.samples = [];
    this.offset = Number.NaN;
    this.target = Number.NaN;
  }
}
