import { describe, expect, it } from "vitest";
import { type TierPlan, tierEnds, Tiers } from "./tiers.ts";

const plan: TierPlan = { pixels: [200, 60, 20, 10], most: [10, 100, 1000, 1500], reach: 300 };
/** A person at 1 m fills 1200 pixels: levels end by size at 6, 20, 60 and 120 m. */
const atOneMetre = 1200;
const everywhere = { x: 0, y: 1.7, z: 0, planes: new Float32Array(20).map((_, i) => (i % 4 === 3 ? 1e6 : 0)) };

function standing(distances: number[]) {
  return {
    slots: distances.length,
    used: new Uint8Array(distances.length).fill(1),
    x: new Float32Array(distances.length),
    y: new Float32Array(distances.length).fill(0.8),
    z: Float32Array.from(distances),
  };
}

function sorted(distances: number[], own: TierPlan = plan): number[] {
  const tiers = new Tiers();
  tiers.reserve(distances.length);
  tiers.sort(standing(distances), everywhere, own, atOneMetre, -1);
  const level = distances.map(() => -1);
  tiers.lists.forEach((list, t) => list.subarray(0, tiers.counts[t]).forEach((slot) => (level[slot] = t)));
  return level;
}

describe("levels of detail", () => {
  it("follow the size on the screen while few are there", () => {
    expect(sorted([1, 5, 7, 19, 25, 59, 70, 119, 299, 301])).toEqual([0, 0, 1, 1, 2, 2, 3, 3, 4, -1]);
  });

  it("give the finer level to the nearer ones when many crowd", () => {
    const crowd = Array.from({ length: 3000 }, (_, i) => 0.5 + (i % 50) / 10 + (i % 7));
    const level = sorted(crowd);
    const count = (t: number) => level.filter((l) => l === t).length;
    expect(count(0)).toBeLessThanOrEqual(10);
    expect(count(1)).toBeLessThanOrEqual(100);
    expect(count(2)).toBeLessThanOrEqual(1000);
    expect(count(3)).toBeLessThanOrEqual(1500);
    expect(level.every((l) => l >= 0)).toBe(true);
    const farthest = (t: number) => Math.max(0, ...crowd.filter((_, i) => level[i] === t));
    const nearest = (t: number) => Math.min(...crowd.filter((_, i) => level[i] === t));
    for (const t of [0, 1, 2, 3]) expect(farthest(t)).toBeLessThanOrEqual(nearest(4));
  });

  it("end in order, whatever the counts", () => {
    const ends = new Float32Array(4);
    for (let seed = 1; seed < 200; seed++) {
      const counts = new Uint32Array(160).map((_, i) => (Math.imul(i + seed, 2654435761) >>> 0) % (seed * 3));
      tierEnds(counts, plan, 50 + seed * 20, ends);
      expect(ends[0]!).toBeLessThanOrEqual(ends[1]!);
      expect(ends[1]!).toBeLessThanOrEqual(ends[2]!);
      expect(ends[2]!).toBeLessThanOrEqual(ends[3]!);
      expect(ends[0]!).toBeGreaterThanOrEqual(0);
    }
  });

  it("do not flicker at a border", () => {
    const tiers = new Tiers();
    tiers.reserve(1);
    const changes: number[] = [];
    let was = -1;
    for (let i = 0; i < 60; i++) {
      const people = standing([20 + 0.4 * Math.sin(i)]);
      tiers.sort(people, everywhere, plan, atOneMetre, -1);
      const now = tiers.counts.indexOf(1);
      if (now !== was) changes.push(now);
      was = now;
    }
    expect(changes.length).toBe(1);
  });

  it("look at far ones of a crowd in turn, and at everybody when the eye turns or goes on", () => {
    const tiers = new Tiers();
    const many = 4000;
    tiers.reserve(many);
    const people = standing(Array.from({ length: many }, (_, i) => 10 + i / 40));
    const eye = { ...everywhere, planes: everywhere.planes.slice() };
    for (let k = 0; k < 20; k += 4) eye.planes.set([0, 0, 1, 1e6], k);
    const drawn = () => tiers.lists.flatMap((list, t) => [...list.subarray(0, tiers.counts[t])]).sort((a, b) => a - b);
    tiers.sort(people, eye, plan, atOneMetre, -1);
    const before = drawn();
    expect(before.length).toBe(many);
    // All at once behind the eye: the near ones are gone at once, of the far ones an eighth in each frame.
    const near = people.z.filter((z) => z <= 45).length;
    people.z.forEach((z, i) => (people.z[i] = -z - 60));
    eye.planes[3] = 10;
    tiers.sort(people, eye, plan, atOneMetre, -1);
    expect(drawn().length).toBeGreaterThan((many - near) * 0.8);
    expect(drawn().length).toBeLessThan(many - near);
    for (let frame = 0; frame < 7; frame++) tiers.sort(people, eye, plan, atOneMetre, -1);
    expect(drawn().length).toBe(0);
    const turned = { ...eye, planes: eye.planes.slice() };
    turned.planes.set([0, 0, -1, 0], 0);
    tiers.sort(people, turned, plan, atOneMetre, -1);
    expect(drawn()).toEqual(before);
  });

  it("leave out who is behind the camera, hidden or gone", () => {
    const tiers = new Tiers();
    tiers.reserve(4);
    const people = standing([5, -5, 6, 7]);
    people.used[2] = 0;
    const ahead = { ...everywhere, planes: everywhere.planes.slice() };
    ahead.planes.set([0, 0, 1, 0], 0);
    tiers.sort(people, ahead, plan, atOneMetre, 3);
    expect(Array.from(tiers.counts)).toEqual([1, 0, 0, 0, 0]);
    expect(tiers.lists[0]![0]).toBe(0);
  });
});
