// Who is drawn how finely. Two passes over all people: the first measures distances and counts them in rings of one
// metre; from the counts follow the distances at which each level ends, by size on the screen and by how many the level
// may hold; the second sorts people into the levels' lists. No sorting by distance, no allocation. Pure: tested alone.

export const TIERS = 5;
const rings = 160;
const ENDS = TIERS - 1;

export interface TierPlan {
  /** Height on the screen, in device pixels, down to which a level is used (the last level takes the rest). */
  pixels: readonly [number, number, number, number];
  /** How many people a level may hold. */
  most: readonly [number, number, number, number];
  /** Beyond this many metres nobody is drawn. */
  reach: number;
}

/** Distances at which all levels but the last end. `pixelsAtOneMetre`: height of a person on the screen who is 1 m away. */
export function tierEnds(counts: Uint32Array, plan: TierPlan, pixelsAtOneMetre: number, out: Float32Array): void {
  let ring = 0;
  let before = 0;
  for (let tier = 0; tier < ENDS; tier++) {
    const bySize = Math.max(before, pixelsAtOneMetre / plan.pixels[tier]!);
    let end = bySize;
    let held = 0;
    for (; ring < rings && ring < bySize; ring++) {
      held += counts[ring]!;
      if (held > plan.most[tier]!) {
        end = Math.max(before, ring);
        break;
      }
    }
    out[tier] = end;
    before = end;
  }
}

export interface TierInput {
  slots: number;
  used: Uint8Array;
  x: Float32Array;
  y: Float32Array;
  z: Float32Array;
}

/** Camera's place and the planes of what it sees: (nx, ny, nz, d) each, inside positive. */
export interface Eye {
  x: number;
  y: number;
  z: number;
  planes: Float32Array;
}

export class Tiers {
  readonly counts = new Uint32Array(TIERS);
  lists: Uint32Array[] = [];
  readonly ends = new Float32Array(ENDS);
  private tier = new Uint8Array(0);
  private distance = new Float32Array(0);
  private readonly inRing = new Uint32Array(rings);

  reserve(capacity: number): void {
    if (this.tier.length >= capacity) return;
    this.tier = new Uint8Array(capacity).fill(255);
    this.distance = new Float32Array(capacity);
    this.lists = Array.from({ length: TIERS }, () => new Uint32Array(capacity));
  }

  /** `hidden` is left out; `finest` (one's own avatar) is always drawn at level 0. */
  sort(people: TierInput, eye: Eye, plan: TierPlan, pixelsAtOneMetre: number, hidden: number, finest = -1): void {
    this.measure(people, eye, plan, hidden);
    tierEnds(this.inRing, plan, pixelsAtOneMetre, this.ends);
    this.counts.fill(0);
    const { distance, tier, counts, ends, lists } = this;
    const [a, b, c, e] = [ends[0]!, ends[1]!, ends[2]!, ends[3]!];
    for (let i = 0; i < people.slots; i++) {
      const d = distance[i]!;
      if (d < 0) continue;
      let t = d < a ? 0 : d < b ? 1 : d < c ? 2 : d < e ? 3 : 4;
      // Who stands at the border of two levels keeps the one it has.
      const was = tier[i]!;
      if (t !== was && was < TIERS && Math.abs(t - was) === 1) {
        const border = ends[Math.min(t, was)]!;
        if (Math.abs(d - border) < 0.05 * border) t = was;
      }
      if (i === finest) t = 0;
      tier[i] = t;
      lists[t]![counts[t]!++] = i;
    }
  }

  private measure(people: TierInput, eye: Eye, plan: TierPlan, hidden: number): void {
    const { distance, inRing, tier } = this;
    const { x, y, z, used, slots } = people;
    const p = eye.planes;
    const reach = plan.reach * plan.reach;
    inRing.fill(0);
    for (let i = 0; i < slots; i++) {
      distance[i] = -1;
      if (used[i] === 0 || i === hidden) {
        if (used[i] === 0) tier[i] = 255;
        continue;
      }
      const px = x[i]!;
      const py = y[i]! + 0.9;
      const pz = z[i]!;
      let inside = true;
      for (let k = 0; k < 20 && inside; k += 4) {
        inside = p[k]! * px + p[k + 1]! * py + p[k + 2]! * pz + p[k + 3]! > -1.25;
      }
      if (!inside) continue;
      const dx = px - eye.x;
      const dy = py - eye.y;
      const dz = pz - eye.z;
      const d2 = dx * dx + dy * dy + dz * dz;
      if (d2 > reach) continue;
      const d = Math.sqrt(d2);
      distance[i] = d;
      const ring = d | 0;
      if (ring < rings) inRing[ring]!++;
    }
  }
}
