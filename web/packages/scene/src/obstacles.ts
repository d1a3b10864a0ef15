// What the eye must not pass through and name tags do not show through: the walls of the world, and the things that edits
// have put there. A thing keeps its model's own triangles: the ray is taken to the model instead. Which things a ray comes
// near is found through a hash grid over the ground plane, whose cells it walks (Amanatides and Woo 1987).

import type { CatalogueModel, Thing } from "@manyworlds/protocol";
import { CollisionRays } from "./collision.ts";

/** Distance along the unit direction to the first surface, or `reach` when there is none nearer. */
export interface Rays {
  cast(ox: number, oy: number, oz: number, dx: number, dy: number, dz: number, reach: number): number;
}

interface Obstacle {
  shape: CollisionRays;
  x: number;
  y: number;
  z: number;
  cos: number;
  sin: number;
  scale: number;
  cells: number[];
  asked: number;
}

const cellSize = 8;
const most = 1 << 15;
const cellOf = (x: number, z: number): number => (x + most) * 2 * most + z + most;

export class Obstacles implements Rays {
  world: CollisionRays | null = null;
  private readonly wanted = new Map<number, Thing>();
  private readonly things = new Map<number, Obstacle>();
  private readonly cells = new Map<number, Obstacle[]>();
  private readonly shapes = new Map<string, Promise<CollisionRays | null>>();
  private urls = new Map<string, string>();
  private stamp = 0;

  constructor(private readonly fetchFile: (url: string) => Promise<ArrayBuffer>) {}

  setCatalogue(models: readonly CatalogueModel[], base: string): void {
    this.urls = new Map(models.flatMap(({ name, collision }) => (collision ? [[name, base + collision]] : [])));
  }

  set(thing: Thing): void {
    this.wanted.set(thing.entity, thing);
    const url = this.urls.get(thing.model);
    if (url === undefined) return this.take(thing.entity);
    void this.shape(url).then((shape) => {
      // It may have moved on or gone while the file was on its way.
      if (shape && this.wanted.get(thing.entity) === thing) this.put(thing, shape);
    });
  }

  remove(entity: number): void {
    this.wanted.delete(entity);
    this.take(entity);
  }

  clear(): void {
    this.wanted.clear();
    this.things.clear();
    this.cells.clear();
    this.world = null;
  }

  cast(ox: number, oy: number, oz: number, dx: number, dy: number, dz: number, reach: number): number {
    let best = this.world?.cast(ox, oy, oz, dx, dy, dz, reach) ?? reach;
    if (this.things.size === 0) return best;
    this.stamp++;
    let x = Math.floor(ox / cellSize);
    let z = Math.floor(oz / cellSize);
    const deltaX = dx !== 0 ? Math.abs(cellSize / dx) : Infinity;
    const deltaZ = dz !== 0 ? Math.abs(cellSize / dz) : Infinity;
    let nextX = dx !== 0 ? ((x + (dx > 0 ? 1 : 0)) * cellSize - ox) / dx : Infinity;
    let nextZ = dz !== 0 ? ((z + (dz > 0 ? 1 : 0)) * cellSize - oz) / dz : Infinity;
    for (let way = 0; way <= best; ) {
      for (const thing of this.cells.get(cellOf(x, z)) ?? []) {
        if (thing.asked === this.stamp) continue;
        thing.asked = this.stamp;
        best = meet(thing, ox, oy, oz, dx, dy, dz, best);
      }
      way = Math.min(nextX, nextZ);
      if (way === Infinity) break;
      if (nextX < nextZ) {
        nextX += deltaX;
        x += Math.sign(dx);
      } else {
        nextZ += deltaZ;
        z += Math.sign(dz);
      }
    }
    return best;
  }

  private shape(url: string): Promise<CollisionRays | null> {
    let shape = this.shapes.get(url);
    if (!shape) {
      shape = this.fetchFile(url)
        .then((bytes) => CollisionRays.parse(bytes))
        .catch((error: unknown) => {
          // Without it the camera passes through the thing; the next thing of its kind asks again.
          console.warn("collision:", error);
          this.shapes.delete(url);
          return null;
        });
      this.shapes.set(url, shape);
    }
    return shape;
  }

  private put(thing: Thing, shape: CollisionRays): void {
    this.take(thing.entity);
    const [x, y, z] = thing.position as [number, number, number];
    const { scale } = thing;
    const cells: number[] = [];
    const obstacle = { shape, x, y, z, cos: Math.cos(thing.yaw), sin: Math.sin(thing.yaw), scale, cells, asked: 0 };
    const radius = shape.radius * scale;
    for (let i = Math.floor((x - radius) / cellSize); i <= Math.floor((x + radius) / cellSize); i++) {
      for (let k = Math.floor((z - radius) / cellSize); k <= Math.floor((z + radius) / cellSize); k++) {
        const cell = cellOf(i, k);
        cells.push(cell);
        const there = this.cells.get(cell);
        if (there) there.push(obstacle);
        else this.cells.set(cell, [obstacle]);
      }
    }
    this.things.set(thing.entity, obstacle);
  }

  private take(entity: number): void {
    const thing = this.things.get(entity);
    if (!thing) return;
    this.things.delete(entity);
    for (const cell of thing.cells) {
      const rest = (this.cells.get(cell) ?? []).filter((other) => other !== thing);
      if (rest.length > 0) this.cells.set(cell, rest);
      else this.cells.delete(cell);
    }
  }
}

const calves = 0.3;
const seatReach = 0.55;
const seatHeights = [0.34, 0.62] as const;
/** With this little room before the seat one's body stands off it, as the rules of movement have it; else one stands at it. */
const bodyRoom = 0.36;

/**
 * How far behind the feet of somebody who looks along `yaw` the front edge of a seat is, in metres: a surface of the height
 * of a seat. -1 where there is none, and one sits on the ground.
 */
export function seatBehind(rays: Rays, x: number, y: number, z: number, yaw: number): number {
  const [dx, dz] = [-Math.sin(yaw), -Math.cos(yaw)];
  const edge = rays.cast(x, y + calves, z, dx, 0, dz, seatReach);
  if (edge >= seatReach) return -1;
  const over = 1.1;
  const under = edge + 0.15;
  const height = over - rays.cast(x + dx * under, y + over, z + dz * under, 0, -1, 0, over);
  if (height < seatHeights[0] || height > seatHeights[1]) return -1;
  return edge > bodyRoom ? 0 : edge;
}

function meet(
  { shape, x, y, z, cos, sin, scale }: Obstacle,
  ox: number,
  oy: number,
  oz: number,
  dx: number,
  dy: number,
  dz: number,
  best: number,
): number {
  const [ax, ay, az] = [(ox - x) / scale, (oy - y) / scale, (oz - z) / scale];
  const [bx, bz] = [ax * cos - az * sin, ax * sin + az * cos];
  const reach = best / scale;
  const hit = shape.cast(bx, ay, bz, dx * cos - dz * sin, dy, dx * sin + dz * cos, reach);
  return hit < reach ? hit * scale : best;
}
