import { describe, expect, it } from "vitest";
import { CollisionRays } from "./collision.ts";

function random(seed: number): () => number {
  let s = seed;
  return () => {
    s = (Math.imul(s, 1664525) + 1013904223) >>> 0;
    return s / 2 ** 32;
  };
}

function triangles(count: number, seed: number): Float32Array {
  const next = random(seed);
  const corners = new Float32Array(count * 9);
  for (let t = 0; t < count; t++) {
    const centre = [next() * 60 - 30, next() * 8, next() * 60 - 30];
    for (let k = 0; k < 9; k++) corners[t * 9 + k] = centre[k % 3]! + (next() - 0.5) * 5;
  }
  return corners;
}

function baked(corners: Float32Array): ArrayBuffer {
  const count = corners.length / 9;
  const bytes = new ArrayBuffer(16 + count * 3 * 12 + count * 12);
  const view = new DataView(bytes);
  [0x4243574d, 1, count * 3, count].forEach((word, i) => view.setUint32(4 * i, word, true));
  corners.forEach((metres, i) => view.setInt32(16 + 4 * i, Math.round(metres * 1000), true));
  for (let i = 0; i < count * 3; i++) view.setUint32(16 + count * 36 + 4 * i, i, true);
  return bytes;
}

describe("rays against a collision file", () => {
  const wall = new Float32Array([-5, 0, 4, 5, 0, 4, 0, 10, 4]);

  it("stop at a wall from either side, and nowhere else", () => {
    const rays = CollisionRays.parse(baked(wall));
    expect(rays.cast(0, 1, 0, 0, 0, 1, 10)).toBeCloseTo(4);
    expect(rays.cast(0, 1, 9, 0, 0, -1, 10)).toBeCloseTo(5);
    expect(rays.cast(0, 1, 0, 0, 0, -1, 10)).toBe(10);
    expect(rays.cast(0, 1, 0, 0, 0, 1, 3)).toBe(3);
    expect(rays.cast(0, 8, 0, 1, 0, 0, 50)).toBe(50);
  });

  it("find through the grid what asking every triangle finds", () => {
    const corners = triangles(400, 3);
    const grid = new CollisionRays(corners);
    const singles = Array.from({ length: 400 }, (_, t) => new CollisionRays(corners.slice(t * 9, t * 9 + 9)));
    const next = random(9);
    let hits = 0;
    for (let i = 0; i < 300; i++) {
      const from = [next() * 80 - 40, next() * 10, next() * 80 - 40] as const;
      const to = [next() - 0.5, (next() - 0.5) * 0.4, next() - 0.5] as const;
      const length = Math.hypot(...to);
      const way = to.map((v) => v / length) as [number, number, number];
      const expected = Math.min(...singles.map((one) => one.cast(...from, ...way, 70)));
      expect(grid.cast(...from, ...way, 70)).toBeCloseTo(expected, 3);
      if (expected < 70) hits++;
    }
    expect(hits).toBeGreaterThan(30);
  });

  it("look straight down and up", () => {
    const rays = new CollisionRays(new Float32Array([-5, 0, -5, 5, 0, -5, 0, 0, 5]));
    expect(rays.cast(0, 3, 0, 0, -1, 0, 10)).toBeCloseTo(3);
    expect(rays.cast(0, 3, 0, 0, 1, 0, 10)).toBe(10);
  });

  it("refuse bytes that are none", () => {
    expect(() => CollisionRays.parse(new ArrayBuffer(4))).toThrow();
    expect(() => CollisionRays.parse(baked(wall).slice(0, 60))).toThrow(/length/);
    const damaged = baked(wall);
    new DataView(damaged).setUint32(16 + 36, 77, true);
    expect(() => CollisionRays.parse(damaged)).toThrow(/vertex/);
  });
});
