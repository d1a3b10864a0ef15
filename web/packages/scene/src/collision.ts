// Rays against the collision file of a world (schema/frames.md, "Collision file"): what the camera must not pass
// through, and where a click meets the ground. Triangles are found through a uniform grid over the ground plane; the
// ray walks its cells (Amanatides and Woo 1987). The movement itself is judged elsewhere: this only looks.

const magic = 0x4243574d;
const cellSize = 3;
const maxCells = 1 << 20;

export class CollisionRays {
  private readonly corners: Float32Array;
  private readonly cellStart: Uint32Array;
  private readonly cellItems: Uint32Array;
  private readonly low: [number, number];
  private readonly columns: number;
  private readonly rows: number;
  private readonly size: number;
  private readonly asked: Uint32Array;
  private stamp = 0;
  /** From the origin over the ground to the farthest corner. */
  readonly radius: number;

  /** `corners`: nine numbers per triangle. */
  constructor(corners: Float32Array) {
    this.corners = corners;
    const count = corners.length / 9;
    let [x0, z0, x1, z1] = [Infinity, Infinity, -Infinity, -Infinity];
    let radius = 0;
    for (let i = 0; i < corners.length; i += 3) {
      radius = Math.max(radius, Math.hypot(corners[i]!, corners[i + 2]!));
      x0 = Math.min(x0, corners[i]!);
      x1 = Math.max(x1, corners[i]!);
      z0 = Math.min(z0, corners[i + 2]!);
      z1 = Math.max(z1, corners[i + 2]!);
    }
    this.radius = radius;
    if (count === 0) [x0, z0, x1, z1] = [0, 0, 1, 1];
    this.size = Math.max(cellSize, Math.sqrt(((x1 - x0) * (z1 - z0)) / maxCells));
    this.low = [x0, z0];
    this.columns = Math.floor((x1 - x0) / this.size) + 1;
    this.rows = Math.floor((z1 - z0) / this.size) + 1;
    this.cellStart = new Uint32Array(this.columns * this.rows + 1);
    this.asked = new Uint32Array(count);
    this.forCells(count, (cell) => this.cellStart[cell + 1]!++);
    for (let i = 0; i < this.columns * this.rows; i++) this.cellStart[i + 1]! += this.cellStart[i]!;
    this.cellItems = new Uint32Array(this.cellStart[this.columns * this.rows]!);
    const at = this.cellStart.slice();
    this.forCells(count, (cell, triangle) => (this.cellItems[at[cell]!++] = triangle));
  }

  static parse(bytes: ArrayBuffer): CollisionRays {
    const view = new DataView(bytes);
    if (bytes.byteLength < 16 || view.getUint32(0, true) !== magic || view.getUint32(4, true) !== 1) {
      throw new Error("not a collision file of version 1");
    }
    const vertices = view.getUint32(8, true);
    const triangles = view.getUint32(12, true);
    if (bytes.byteLength !== 16 + 12 * (vertices + triangles)) throw new Error("collision file of the wrong length");
    const place = new Int32Array(bytes, 16, vertices * 3);
    const index = new Uint32Array(bytes, 16 + vertices * 12, triangles * 3);
    const corners = new Float32Array(triangles * 9);
    for (let i = 0; i < index.length; i++) {
      const from = index[i]! * 3;
      if (from + 2 >= place.length) throw new Error("collision file: there is no such vertex");
      for (let k = 0; k < 3; k++) corners[i * 3 + k] = place[from + k]! / 1000;
    }
    return new CollisionRays(corners);
  }

  private column(x: number): number {
    return Math.min(Math.max(Math.floor((x - this.low[0]) / this.size), 0), this.columns - 1);
  }

  private row(z: number): number {
    return Math.min(Math.max(Math.floor((z - this.low[1]) / this.size), 0), this.rows - 1);
  }

  private forCells(count: number, visit: (cell: number, triangle: number) => void): void {
    const c = this.corners;
    for (let t = 0; t < count; t++) {
      const i = t * 9;
      const x0 = this.column(Math.min(c[i]!, c[i + 3]!, c[i + 6]!));
      const x1 = this.column(Math.max(c[i]!, c[i + 3]!, c[i + 6]!));
      const z0 = this.row(Math.min(c[i + 2]!, c[i + 5]!, c[i + 8]!));
      const z1 = this.row(Math.max(c[i + 2]!, c[i + 5]!, c[i + 8]!));
      for (let z = z0; z <= z1; z++) for (let x = x0; x <= x1; x++) visit(z * this.columns + x, t);
    }
  }

  /** Distance along the unit direction to the first triangle, or `reach` when there is none nearer. */
  cast(ox: number, oy: number, oz: number, dx: number, dy: number, dz: number, reach: number): number {
    this.stamp++;
    const { size, low, columns, rows } = this;
    let x = Math.floor((ox - low[0]) / size);
    let z = Math.floor((oz - low[1]) / size);
    const stepX = dx > 0 ? 1 : -1;
    const stepZ = dz > 0 ? 1 : -1;
    const deltaX = dx !== 0 ? Math.abs(size / dx) : Infinity;
    const deltaZ = dz !== 0 ? Math.abs(size / dz) : Infinity;
    let nextX = dx !== 0 ? (low[0] + (x + (dx > 0 ? 1 : 0)) * size - ox) / dx : Infinity;
    let nextZ = dz !== 0 ? (low[1] + (z + (dz > 0 ? 1 : 0)) * size - oz) / dz : Infinity;
    let best = reach;
    let way = 0;
    for (let steps = 0; way <= best && steps < 4096; steps++) {
      if (x >= 0 && z >= 0 && x < columns && z < rows) {
        const cell = z * columns + x;
        for (let k = this.cellStart[cell]!; k < this.cellStart[cell + 1]!; k++) {
          const triangle = this.cellItems[k]!;
          if (this.asked[triangle] === this.stamp) continue;
          this.asked[triangle] = this.stamp;
          best = this.meet(triangle * 9, ox, oy, oz, dx, dy, dz, best);
        }
      }
      if (nextX < nextZ) {
        way = nextX;
        nextX += deltaX;
        x += stepX;
      } else {
        way = nextZ;
        nextZ += deltaZ;
        z += stepZ;
      }
    }
    return best;
  }

  /** Möller and Trumbore 1997, both faces. */
  private meet(
    i: number,
    ox: number,
    oy: number,
    oz: number,
    dx: number,
    dy: number,
    dz: number,
    best: number,
  ): number {
    const c = this.corners;
    const [ax, ay, az] = [c[i]!, c[i + 1]!, c[i + 2]!];
    const [ux, uy, uz] = [c[i + 3]! - ax, c[i + 4]! - ay, c[i + 5]! - az];
    const [vx, vy, vz] = [c[i + 6]! - ax, c[i + 7]! - ay, c[i + 8]! - az];
    const [px, py, pz] = [dy * vz - dz * vy, dz * vx - dx * vz, dx * vy - dy * vx];
    const det = ux * px + uy * py + uz * pz;
    if (Math.abs(det) < 1e-9) return best;
    const [sx, sy, sz] = [ox - ax, oy - ay, oz - az];
    const u = (sx * px + sy * py + sz * pz) / det;
    if (u < 0 || u > 1) return best;
    const [qx, qy, qz] = [sy * uz - sz * uy, sz * ux - sx * uz, sx * uy - sy * ux];
    const v = (dx * qx + dy * qy + dz * qz) / det;
    if (v < 0 || u + v > 1) return best;
    const t = (vx * qx + vy * qy + vz * qz) / det;
    return t > 1e-4 && t < best ? t : best;
  }
}
