// Gates one can go through: which one is near, and whether one just went through it. Pure.

import type { Portal } from "@manyworlds/protocol";

const NEAR_M = 4;
/** One step at most, to either side of the gate: a slow picture's at a run, and some more. Jumps are told by reset(). */
const DEEP_M = 3;

interface Relative {
  across: number;
  along: number;
  distance: number;
}

function relative(portal: Portal, x: number, z: number): Relative {
  const dx = x - portal.position[0];
  const dz = z - portal.position[2];
  const sin = Math.sin(portal.yaw);
  const cos = Math.cos(portal.yaw);
  return { along: dx * sin + dz * cos, across: dx * cos - dz * sin, distance: Math.hypot(dx, dz) };
}

export class PortalWatch {
  private last: { x: number; z: number } | null = null;
  /** Gates count only after one was away from all of them: who arrives in a gate does not go straight back. */
  private armed = false;

  constructor(private readonly portals: readonly Portal[]) {}

  /** One step of the visitor; returns the nearest gate in reach, and the one just walked through. */
  move(x: number, y: number, z: number): { near: Portal | null; through: Portal | null } {
    let near: Portal | null = null;
    let nearest = Number.POSITIVE_INFINITY;
    let through: Portal | null = null;
    for (const portal of this.portals) {
      if (Math.abs(y - portal.position[1]) > Math.max(2, portal.height)) continue;
      const now = relative(portal, x, z);
      if (now.distance < NEAR_M && now.distance < nearest) {
        near = portal;
        nearest = now.distance;
      }
      if (this.armed && this.last && this.crossed(portal, this.last, now)) through = portal;
    }
    if (!near || nearest > NEAR_M * 0.6) this.armed = true;
    this.last = { x, z };
    if (through) this.armed = false;
    return { near, through };
  }

  /** A jump to another place (a correction) is no walk through a gate. */
  reset(): void {
    this.last = null;
    this.armed = false;
  }

  private crossed(portal: Portal, last: { x: number; z: number }, now: Relative): boolean {
    const before = relative(portal, last.x, last.z);
    if (before.along * now.along > 0 || before.along === now.along) return false;
    if (Math.abs(now.along) > DEEP_M || Math.abs(before.along) > DEEP_M) return false;
    // Where the step meets the plane, it is within the frame.
    const share = before.along / (before.along - now.along);
    return Math.abs(before.across + share * (now.across - before.across)) < portal.width / 2;
  }
}
