// Which person or portal a ray meets first.

import { type Raycaster, Vector3 } from "three";
import type { People } from "./crowd/people.ts";
import type { PortalGate } from "./portals.ts";

const bodyRadius = 0.32;

/** People are upright capsules; the ray's point nearest to each one's axis decides. */
export function pickPerson(
  people: People,
  origin: Vector3,
  direction: Vector3,
  reach: number,
): { entity: number; distance: number } | null {
  let best: { entity: number; distance: number } | null = null;
  const flat = direction.x * direction.x + direction.z * direction.z;
  if (flat < 1e-6) return null;
  for (let i = 0; i < people.slots; i++) {
    if (people.used[i] !== 1 || i === people.selfSlot) continue;
    const dx = people.x[i]! - origin.x;
    const dz = people.z[i]! - origin.z;
    const t = (dx * direction.x + dz * direction.z) / flat;
    if (t <= 0 || t > (best?.distance ?? reach)) continue;
    const [sx, sz] = [dx - t * direction.x, dz - t * direction.z];
    if (sx * sx + sz * sz > bodyRadius * bodyRadius) continue;
    const y = origin.y + t * direction.y - people.y[i]!;
    if (y < -0.1 || y > people.height[i]! + 0.15) continue;
    best = { entity: people.entity[i]!, distance: Math.max(0, t - bodyRadius) };
  }
  return best;
}

const local = new Vector3();
const normal = new Vector3();

export function pickPortal(
  gates: readonly PortalGate[],
  ray: Raycaster,
  reach: number,
): { id: string; distance: number } | null {
  let best: { id: string; distance: number } | null = null;
  for (const gate of gates) {
    normal.set(0, 0, 1).transformDirection(gate.group.matrixWorld);
    const across = ray.ray.direction.dot(normal);
    if (Math.abs(across) < 1e-4) continue;
    const distance = local.copy(gate.group.position).sub(ray.ray.origin).dot(normal) / across;
    if (distance <= 0 || distance > (best?.distance ?? reach)) continue;
    ray.ray.at(distance, local);
    gate.group.worldToLocal(local);
    const { width, height, id } = gate.portal;
    if (Math.abs(local.x) <= width / 2 && local.y >= 0 && local.y <= height) best = { id, distance };
  }
  return best;
}
