import { describe, expect, it } from "vitest";
import { lathe, type Part, tiling, viewOf } from "./mirror-view.ts";

const fov = 26;
/** Lowest and highest that is in the middle of the picture, and half its width, metres. */
function seen(part: Part, height: number, aspect: number) {
  const { y, distance } = viewOf(part, height, fov, aspect);
  const half = distance * Math.tan((fov * Math.PI) / 360);
  return { low: y - half, high: y + half, side: half * aspect };
}

describe("the mirror", () => {
  it.each([1.55, 1.75, 1.95])("shows the whole of somebody %f m tall, in a tall picture and in a broad one", (height) => {
    for (const aspect of [0.45, 1, 1.9]) {
      const { low, high, side } = seen("whole", height, aspect);
      expect(low).toBeLessThan(-0.06);
      expect(high).toBeGreaterThan(height * 1.05);
      expect(side).toBeGreaterThan(0.49);
    }
  });

  it.each([1.55, 1.95])("keeps head and feet in the picture where they are looked at (%f m)", (height) => {
    for (const aspect of [0.45, 1, 1.9]) {
      for (const part of ["head", "upper"] as const) {
        const { low, high, side } = seen(part, height, aspect);
        expect(high).toBeGreaterThan(height * 1.06);
        expect(high - height).toBeLessThan(0.2 * (high - low) + 0.06);
        expect(low).toBeLessThan(height * 0.8);
        expect(side).toBeGreaterThan(0.3);
      }
      const { low, high } = seen("lower", height, aspect);
      expect(low).toBeLessThan(-0.1);
      expect(high).toBeGreaterThan(height * 0.55);
    }
    expect(seen("head", height, 1).high - seen("head", height, 1).low).toBeLessThan(1);
  });

  it("draws in as few parts as the canvas allows, and smaller before it takes too many", () => {
    const canvas = { width: 234, height: 506 };
    expect(tiling(100, 200, 2, canvas, 4)).toEqual({ scale: 2, columns: 1, rows: 1 });
    expect(tiling(358, 300, 1, canvas, 4)).toEqual({ scale: 1, columns: 2, rows: 1 });
    const many = tiling(2000, 2000, 2, canvas, 4);
    expect(many.columns * many.rows).toBeLessThanOrEqual(4);
    expect(many.scale * 2000).toBeLessThanOrEqual(many.columns * canvas.width);
    expect(many.scale * 2000).toBeLessThanOrEqual(many.rows * canvas.height);
    expect(many.scale).toBeGreaterThan(0.2);
  });

  it("stands on a disc that is closed, flat on top, and faces outwards", () => {
    const profile = [[0, 0], [0.47, 0], [0.49, -0.02], [0.49, -0.05]] as const;
    const { position, normal, index } = lathe(profile, 24);
    expect(position.length).toBe(4 * 24 * 3);
    for (let i = 0; i < index.length; i += 3) {
      const [a, b, c] = [0, 1, 2].map((k) => index[i + k]! * 3) as [number, number, number];
      const at = (v: number, k: number) => position[v + k]!;
      const u = [0, 1, 2].map((k) => at(b, k) - at(a, k));
      const v = [0, 1, 2].map((k) => at(c, k) - at(a, k));
      const face = [u[1]! * v[2]! - u[2]! * v[1]!, u[2]! * v[0]! - u[0]! * v[2]!, u[0]! * v[1]! - u[1]! * v[0]!];
      const along = [0, 1, 2].reduce((sum, k) => sum + face[k]! * (normal[a + k]! + normal[b + k]! + normal[c + k]!), 0);
      expect(along).toBeGreaterThanOrEqual(-1e-9);
    }
    for (let i = 0; i < 48; i++) expect(normal[i * 3 + 1]).toBeCloseTo(1);
  });
});
