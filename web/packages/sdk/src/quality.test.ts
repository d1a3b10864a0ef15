import { describe, expect, it } from "vitest";
import { QualityMeter, type Seen, Spread } from "./quality.ts";

const EYE = { x: 0, z: 0 };

/** People at these distances, whose newest news are of these ticks. */
function seen(people: [distance: number, tick: number][]): Seen {
  return {
    count: people.length,
    distance: (row) => (people[row] as [number, number])[0],
    newestAt: (row) => (people[row] as [number, number])[1],
  };
}

/** A host at 20 Hz and a screen at 60 frames a second, for so long; both may fail between `from` and `to`. */
function run(meter: QualityMeter, start: number, ms: number, change: { updates?: [number, number]; frames?: [number, number]; ageTicks?: number } = {}): number {
  const within = (time: number, range?: [number, number]) => range !== undefined && time >= range[0] && time < range[1];
  let updated = start;
  for (let time = start; time < start + ms; time += 1000 / 60) {
    while (updated + 50 <= time) {
      updated += 50;
      if (!within(updated - start, change.updates)) {
        meter.updated(updated, Math.round(updated / 50));
        meter.received(250);
      }
    }
    const tick = time / 50;
    if (!within(time - start, change.frames)) meter.drew(time, tick, seen([[5, tick - (change.ageTicks ?? 1.2)], [40, tick - 3], [200, tick - 12]]), EYE);
  }
  return start + ms;
}

describe("Spread", () => {
  it("tells quantiles to within 4 % or so, of a thousand random samples", () => {
    for (let round = 0; round < 20; round++) {
      const spread = new Spread();
      const values = Array.from({ length: 1000 }, () => 5 * Math.exp(5 * Math.random()));
      for (const value of values) spread.add(value);
      values.sort((a, b) => a - b);
      for (const q of [0.5, 0.99]) expect(Math.abs(Math.log(spread.quantile(q) / (values[q * 1000 - 1] as number)))).toBeLessThan(0.06);
    }
    expect(new Spread().quantile(0.5)).toBeNaN();
  });
});

describe("QualityMeter", () => {
  it("measures a good minute", () => {
    const meter = new QualityMeter();
    meter.enter("plaza", 1000);
    meter.updated(2400, 48);
    const end = run(meter, 2500, 60_100);
    expect(meter.due(end)).toBe(true);
    const report = meter.take(end, 7);
    expect(report).toMatchObject({ world: "plaza", seconds: 60, join_ms: 1500, clock_error_ms: 7, stalled_percent: 0 });
    expect(report?.tick_ms).toBeCloseTo(50, -1);
    expect(report?.frame_ms).toBeCloseTo(17, -0.5);
    expect(report?.age_near_ms).toBeGreaterThan(55);
    expect(report?.age_near_ms).toBeLessThan(65);
    expect(report?.age_middle_ms).toBeCloseTo(150, -1);
    expect(report?.age_far_ms).toBeCloseTo(600, -2);
    expect(report?.kbit_s).toBeCloseTo(40, 0);
    expect(meter.due(end)).toBe(false);
    expect(meter.take(end + 100, 7)).toBeNull();
    // The join belongs to the first minute alone.
    const next = run(meter, end, 60_100);
    expect(meter.take(next, 7)?.join_ms).toBeUndefined();
  });

  it("sees updates that do not come, and frames that do not", () => {
    const meter = new QualityMeter();
    meter.enter("plaza", 0);
    meter.updated(0, 0);
    const first = run(meter, 0, 60_100, { updates: [20_000, 26_000] });
    const silent = meter.take(first, 1);
    expect(silent?.stalled_percent).toBeGreaterThan(9);
    expect(silent?.stalled_percent).toBeLessThan(10.5);
    run(meter, first, 60_100, { frames: [20_000, 23_000] });
    const frozen = meter.take(first + 60_100, 1);
    expect(frozen?.stalled_percent).toBeGreaterThan(4.5);
    expect(frozen?.stalled_percent).toBeLessThan(6);
  });

  it("counts no change as news, and what is old as old", () => {
    const meter = new QualityMeter();
    meter.enter("plaza", 0);
    meter.updated(0, 0);
    const end = run(meter, 0, 60_100, { ageTicks: 12 });
    expect(meter.take(end, 1)?.age_near_ms).toBeCloseTo(600, -2);
  });

  it("measures nothing of a page that nobody sees", () => {
    const meter = new QualityMeter();
    meter.enter("plaza", 0);
    meter.updated(0, 0);
    let now = run(meter, 0, 20_000);
    meter.look(false);
    now = run(meter, now, 120_000, { updates: [0, 120_000], frames: [0, 120_000] });
    expect(meter.due(now)).toBe(false);
    meter.look(true);
    now = run(meter, now, 10_000);
    const report = meter.take(now, 1);
    expect(report?.seconds).toBeCloseTo(30, 0);
    expect(report?.stalled_percent).toBeLessThan(1);
    expect(report?.tick_ms).toBeLessThan(70);
  });

  it("says once that a join failed: after a minute, or when one leaves before the first picture", () => {
    const meter = new QualityMeter();
    meter.enter("plaza", 0);
    expect(meter.due(59_000)).toBe(false);
    expect(meter.due(61_000)).toBe(true);
    expect(meter.take(61_000, 1)).toEqual({ world: "plaza", seconds: 60, joined: false });
    expect(meter.due(90_000)).toBe(false);
    expect(meter.take(90_000, 1, true)).toBeNull();
    meter.enter("garden", 100_000);
    expect(meter.take(103_000, 1, true)).toBeNull(); // changed their mind at once
    meter.enter("garden", 110_000);
    expect(meter.take(118_000, 1, true)).toEqual({ world: "garden", seconds: 8, joined: false });
  });

  it("looks at a bounded number of people a frame, everybody in turn", () => {
    const meter = new QualityMeter();
    meter.enter("stadium", 0);
    meter.updated(0, 0);
    const looked = new Map<number, number>();
    const crowd: Seen = { count: 1000, distance: () => 5, newestAt: (row) => (looked.set(row, (looked.get(row) ?? 0) + 1), 0) };
    for (let frame = 0; frame < 16; frame++) {
      const before = [...looked.values()].reduce((a, b) => a + b, 0);
      meter.drew(frame * 16, 1, crowd, EYE);
      expect([...looked.values()].reduce((a, b) => a + b, 0) - before).toBeLessThanOrEqual(64);
    }
    expect(looked.size).toBe(1000);
  });
});
