import { expect, it } from "vitest";
import { ClockSync } from "./clock.ts";

it("maps local time to ticks within half a round trip, and believes the fastest answer", () => {
  const clock = new ClockSync(50);
  expect(clock.ready).toBe(false);
  // The host's tick is (time + 1000) / 50; answers come with 20 ms each way, and one with 300 ms on the way back.
  const tick = (time: number) => (time + 1000) / 50;
  clock.sample(0, 320, tick(20));
  for (let sent = 500; sent < 3000; sent += 500) clock.sample(sent, sent + 40, tick(sent + 20));
  let now = 3000;
  for (let i = 0; i < 600; i++) clock.tickAt((now += 16));
  expect(Math.abs(clock.tickAt(now) - tick(now))).toBeLessThan(0.02);
  expect(clock.roundTrip).toBe(40);
});

it("slides towards a better estimate instead of jumping, unless it is far off", () => {
  const clock = new ClockSync(50);
  clock.sample(0, 200, 10);
  const before = clock.tickAt(1000);
  clock.sample(1000, 1010, before + 1.5);
  const after = clock.tickAt(1016);
  expect(Math.abs(after - before - 16 / 50)).toBeLessThan(0.01);
  clock.sample(2000, 2005, 500);
  expect(Math.abs(clock.tickAt(2005) - 500)).toBeLessThan(0.2);
});

it("ignores nonsense", () => {
  const clock = new ClockSync(50);
  clock.sample(100, 50, 3);
  clock.sample(100, 150, Number.NaN);
  expect(clock.ready).toBe(false);
});
