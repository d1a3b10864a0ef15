import type { CrowdAggregate } from "@manyworlds/protocol";
import { expect, test } from "vitest";
import { Far, FAR_SLOT, FLOATS_PER_PART, FLOATS_PER_PLACE } from "./far.ts";
import type { Seats } from "./seats.ts";

/** 40 rows of 50 seats on a slope along z. */
function stand(): Seats {
  const place = new Float32Array(2000 * 4);
  for (let i = 0; i < 2000; i++) place.set([(i % 50) * 0.5, Math.floor(i / 50) * 0.4, Math.floor(i / 50) * 0.8, 3], i * 4);
  return { count: 2000, place };
}
function aggregate(track: number, count: number, over: Partial<CrowdAggregate> = {}): CrowdAggregate {
  const shares = [0, 0, 0, 0, 1, 0, 0, 0];
  const box = { x: 12, y: 3, z: 8, halfX: 13, halfZ: 8.2, slopeX: 0, slopeZ: 0.5, velocityX: 0, velocityZ: 0, spread: 0 };
  return { track, tick: 1, count, ...box, shares, ...over };
}
const everywhere = new Float32Array(20).map((_, i) => (i % 4 === 3 ? 1e6 : 0));
function listed(far: Far, most = 1e6) {
  const { count, many } = far.list(everywhere, most);
  const people = Array.from({ length: count }, (_, i) => {
    const at = (far.slots[i]! - FAR_SLOT) * FLOATS_PER_PLACE;
    return Array.from(far.place.subarray(at, at + FLOATS_PER_PLACE));
  });
  return { people, many };
}

test("as many as the host says, each on a seat of their own, in the box", () => {
  const far = new Far();
  far.setSeats(stand());
  far.setSpectators({ first: 100, count: 1900 });
  far.update([aggregate(1, 900), aggregate(2, 900, { z: 24.2 })], 0.1);
  const { people, many } = listed(far);
  expect([far.people, people.length, many]).toEqual([1800, 1800, 1]);
  expect(new Set(people.map(([x, , z]) => `${x} ${z}`)).size).toBe(1800);
  expect(new Set(people.map((one) => one[4])).size).toBe(1800);
  for (const [x, y, z, , , , seated] of people) {
    expect(seated).toBe(1);
    expect(y).toBeCloseTo(z! / 2, 3);
    expect(x).toBeLessThanOrEqual(25);
  }
  // Nearly all are those who sit there when one comes near.
  expect(people.filter((one) => one[4]! >= 100 && one[4]! < 2000).length).toBeGreaterThan(1700);
});

test("without seats they stand on the plane", () => {
  const far = new Far();
  far.setSeats(null);
  far.update([aggregate(1, 300)], 0.1);
  const { people } = listed(far);
  expect(people.length).toBe(300);
  for (const [x, y, z] of people) {
    expect(Math.abs(x! - 12)).toBeLessThanOrEqual(13);
    expect(y).toBeCloseTo(3 + (z! - 8) * 0.5, 3);
  }
});

test("an aggregate that ends holds until the others have come, then fades, and gives its place back", () => {
  const far = new Far();
  far.setSeats(stand());
  far.update([aggregate(1, 500)], 0.1);
  const before = far.place.length;
  far.update([], 0.1);
  expect(far.people).toBe(0);
  expect(listed(far).people.length).toBe(500);
  expect(far.rows[8]).toBe(1);
  for (let i = 0; i < 4; i++) far.update([], 0.1);
  expect(far.rows[8]).toBeLessThan(1);
  for (let i = 0; i < 6; i++) far.update([], 0.1);
  expect(listed(far).people.length).toBe(0);
  expect(far.leaving).toBe(false);
  for (let track = 2; track < 200; track++) for (let i = 0; i < 12; i++) far.update([aggregate(track, 400 + (track % 90))], 0.1);
  expect(far.place.length).toBeLessThanOrEqual(before * 4);
});

test("whoever comes later fades in; what they do follows the shares", () => {
  const far = new Far();
  far.setSeats(stand());
  far.update([aggregate(1, 10)], 0.1);
  far.update([aggregate(1, 10, { shares: [0, 0, 0, 0, 0, 0, 1, 0] }), aggregate(2, 10, { z: 24 })], 0.1);
  const second = far.rows.subarray(FLOATS_PER_PART);
  expect(second[8]).toBeGreaterThan(0);
  expect(second[8]).toBeLessThan(1);
  expect(far.rows[0]).toBeCloseTo(0.6, 1); // sits still
  const same = [aggregate(1, 10, { shares: [0, 0, 0, 0, 0, 0, 1, 0] }), aggregate(2, 10, { z: 24 })];
  for (let i = 0; i < 20; i++) far.update(same, 0.1);
  expect(far.rows[0]).toBeLessThan(0.01);
  expect(far.rows[4]).toBeCloseTo(1, 5); // cheers
  expect(far.rows[7]).toBeCloseTo(1, 5);
});

test("a device's bound is kept: each then stands for two or three, everywhere alike", () => {
  const far = new Far();
  far.setSeats(stand());
  far.update([aggregate(1, 900), aggregate(2, 900, { z: 24.2 })], 0.1);
  const { people, many } = listed(far, 600);
  expect(people.length).toBeLessThanOrEqual(602);
  expect(many).toBe(3);
  const left = people.filter(([x]) => x! < 12.25).length;
  expect(left).toBeGreaterThan(people.length * 0.4);
  expect(left).toBeLessThan(people.length * 0.6);
});

test("what the eye cannot see is not listed", () => {
  const far = new Far();
  far.setSeats(stand());
  far.update([aggregate(1, 100)], 0.1);
  const behind = everywhere.slice();
  behind.set([0, 0, 1, -100]);
  expect(far.list(everywhere, 1e6)).toEqual({ count: 100, many: 1, changed: true });
  expect(far.list(everywhere, 1e6).changed).toBe(false);
  expect(far.list(behind, 1e6)).toEqual({ count: 0, many: 1, changed: true });
});
