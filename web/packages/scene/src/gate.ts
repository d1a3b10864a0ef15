// The geometry of a portal's gate: a bevelled frame swept along an opening with round upper corners, and a thin band
// inside of it that carries the world's accent.

import { BufferAttribute, BufferGeometry } from "three";

interface Point {
  x: number;
  y: number;
  /** Outwards, in the plane of the gate. */
  nx: number;
  ny: number;
}

export const cornerRadius = (width: number, height: number): number => Math.min(0.42 * width, 0.34 * height);

/** The opening's edge from the left foot over the top to the right foot. */
export function openingPath(width: number, height: number, arcSteps = 10): Point[] {
  const r = cornerRadius(width, height);
  const half = width / 2;
  const points: Point[] = [{ x: -half, y: 0, nx: -1, ny: 0 }];
  for (const side of [-1, 1]) {
    for (let i = 0; i <= arcSteps; i++) {
      const angle = ((side < 0 ? i : arcSteps - i) / arcSteps) * (Math.PI / 2);
      const nx = side * Math.cos(angle);
      const ny = Math.sin(angle);
      points.push({ x: side * (half - r) + nx * r, y: height - r + ny * r, nx, ny });
    }
  }
  points.push({ x: half, y: 0, nx: 1, ny: 0 });
  return points;
}

/** A closed cross-section, (outwards, forwards) pairs, clockwise; each of its sides gets its own normal. */
function sweep(path: readonly Point[], section: readonly [number, number][]): BufferGeometry {
  const position: number[] = [];
  const normal: number[] = [];
  const index: number[] = [];
  section.forEach((from, i) => {
    const to = section[(i + 1) % section.length]!;
    const [du, dv] = [to[0] - from[0], to[1] - from[1]];
    const length = Math.hypot(du, dv);
    const [mu, mv] = [dv / length, -du / length];
    const base = position.length / 3;
    for (const p of path) {
      for (const [u, v] of [from, to]) {
        position.push(p.x + p.nx * u, p.y + p.ny * u, v);
        normal.push(p.nx * mu, p.ny * mu, mv);
      }
    }
    for (let k = 0; k + 1 < path.length; k++) {
      const a = base + 2 * k;
      index.push(a, a + 1, a + 3, a, a + 3, a + 2);
    }
  });
  const geometry = new BufferGeometry();
  geometry.setAttribute("position", new BufferAttribute(new Float32Array(position), 3));
  geometry.setAttribute("normal", new BufferAttribute(new Float32Array(normal), 3));
  // White, for the sake of the program that the scene's own meshes have.
  geometry.setAttribute("color", new BufferAttribute(new Float32Array(position.length).fill(1), 3));
  geometry.setIndex(index);
  return geometry;
}

const thickness = 0.26;
const depth = 0.23;
const bevel = 0.035;

export function frameGeometry(width: number, height: number): BufferGeometry {
  const [t, d, b] = [thickness, depth, bevel];
  return sweep(openingPath(width, height), [
    [b, d],
    [0, d - b],
    [0, -d + b],
    [b, -d],
    [t - b, -d],
    [t, -d + b],
    [t, d - b],
    [t - b, d],
  ]);
}

export function bandGeometry(width: number, height: number): BufferGeometry {
  return sweep(openingPath(width, height), [
    [0.01, 0.055],
    [-0.012, 0.04],
    [-0.012, -0.04],
    [0.01, -0.055],
  ]);
}

export const signHeight = 0.46;
/** Where the sign's middle is, above the ground. */
export const signMiddle = (height: number): number => height + thickness + 0.03 + signHeight / 2;
