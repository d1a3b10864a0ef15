import { expect, test } from "vitest";
import { isSpare, readSeats } from "./seats.ts";

const asset = (seats: unknown) => ({ extras: { manyworlds: { seats } } });

test("the seats that stay free are the host's", () => {
  const first: number[] = [];
  let free = 0;
  for (let i = 0; i < 68_000; i++) {
    if (!isSpare(i, 68_000, 2_300)) continue;
    free++;
    if (first.length < 6) first.push(i);
  }
  expect(free).toBe(2_300);
  expect(first).toEqual([0, 49, 84, 101, 136, 160]); // src/kit/seats_test.cpp
});

test("seats lie along rows round the ring, look at the field, and end at aisles", () => {
  const sectors = [2, 1, 1, 1, 2, 1, 1, 1];
  const rows = [[0, 1.02, Array(10).fill(8)], [0.8, 1.3, Array(10).fill(12)]];
  const seats = readSeats(asset({ ring: [46, 26.5, 16], tiers: [{ sectors, rows }] }))!;
  expect(seats.count).toBe(200);
  for (let i = 0; i < seats.count; i++) {
    const [x, y, z, yaw] = seats.place.subarray(i * 4, i * 4 + 4) as unknown as [number, number, number, number];
    expect([1.02, 1.3]).toContainEqual(expect.closeTo(y, 4));
    // A step ahead is nearer to the middle.
    expect(Math.hypot(x + Math.sin(yaw), z + Math.cos(yaw))).toBeLessThan(Math.hypot(x, z));
    if (i % 8 !== 0 && i < 8) expect(Math.hypot(x - seats.place[i * 4 - 4]!, z - seats.place[i * 4 - 2]!)).toBeCloseTo(0.54, 2);
  }
});

test("a plan that is not good is none", () => {
  expect(readSeats({})).toBeNull();
  expect(readSeats(asset({ ring: [1, 2], tiers: [] }))).toBeNull();
  expect(readSeats(asset({ ring: [46, 26.5, 16], tiers: [{ sectors: [1], rows: [] }] }))).toBeNull();
  expect(readSeats(asset({ ring: [46, 26.5, 16], tiers: [{ sectors: [1, 0, 0, 0, 0, 0, 0, 0], rows: [[0, 1, [8, 8]]] }] }))).toBeNull();
});
