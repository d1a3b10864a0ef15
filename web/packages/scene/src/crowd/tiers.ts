// Who is drawn how finely. Two passes over all people: the first measures distances and counts them in rings of one
// metre; from the counts follow the distances at which each level ends, by size on the screen and by how many the level
// may hold; the second sorts people into the levels' lists. No sorting by distance, no allocation. Pure: tested alone.
// In a crowd whoever is far away is measured anew every eighth frame only, or when the eye has turned or gone on; until then they are
// drawn where they are in the level they have, those a little outside the picture too.

export const TIERS = 5;
const rings = 160;
/** Up to so many people everybody is measured every frame. */
const crowd = 1500;
const turns = 8;
/** Nearer ones are measured every frame, m. */
const awayFrom = 45;
/** What counts as a turn of the eye, and as going on: cosine of 4 degrees, and m. */
const turned = 0.9976;
const wentOn = 1;
/** Metres outside the picture, for each metre of distance, that are still looked at: a little more than such a turn. */
const outside = 0.08;
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
  /** From the eye, m; -1 for who is not in the picture. */
  distance = new Float32Array(0);
  /** Slots that something else is drawn for: they are in the picture, and in no list. */
  readonly covered = new Set<number>();
  /** 1 for who is so far away that few frames look. */
  away = new Uint8Array(0);
  private tier = new Uint8Array(0);
  private turn = 0;
  private readonly lastEye = { x: Number.NaN, y: 0, z: 0, planes: new Float32Array(20) };
  private readonly inRing = new Uint32Array(rings);

  reserve(capacity: number): void {
    if (this.tier.length >= capacity) return;
    this.tier = new Uint8Array(capacity).fill(255);
    this.distance = new Float32Array(capacity);
    this.away = new Uint8Array(capacity);
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
      if (d < 0 || this.covered.has(i)) continue;
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
    const { distance, inRing, tier, away } = this;
    const { x, y, z, used, slots } = people;
    const { x: ex, y: ey, z: ez, planes } = eye;
    const reach = plan.reach;
    const all = slots <= crowd || this.eyeMoved(eye);
    const turn = (this.turn = (this.turn + 1) % turns);
    inRing.fill(0);
    for (let i = 0; i < slots; i++) {
      if (used[i] === 0) {
        distance[i] = -1;
        tier[i] = 255;
        away[i] = 0;
        continue;
      }
      if (all || away[i] === 0 || i % turns === turn) {
        const px = x[i]!;
        const py = y[i]! + 0.9;
        const pz = z[i]!;
        const d = Math.sqrt((px - ex) ** 2 + (py - ey) ** 2 + (pz - ez) ** 2);
        const far = d > awayFrom;
        away[i] = far ? 1 : 0;
        const margin = far ? -1.25 - outside * d : -1.25;
        let inside = d <= reach && i !== hidden;
        for (let k = 0; k < 20 && inside; k += 4) {
          inside = planes[k]! * px + planes[k + 1]! * py + planes[k + 2]! * pz + planes[k + 3]! > margin;
        }
        distance[i] = inside ? d : -1;
      }
      const d = distance[i]!;
      if (d >= 0 && d < rings) inRing[d | 0]!++;
    }
  }

  /** Since the last time that all were measured. */
  private eyeMoved(eye: Eye): boolean {
    const { lastEye: last } = this;
    const gone = (eye.x - last.x) ** 2 + (eye.y - last.y) ** 2 + (eye.z - last.z) ** 2;
    let still = gone < wentOn * wentOn;
    for (let k = 0; k < 20 && still; k += 4) {
      const [a, b] = [eye.planes, last.planes];
      still = a[k]! * b[k]! + a[k + 1]! * b[k + 1]! + a[k + 2]! * b[k + 2]! > turned;
    }
    if (still) return false;
    [last.x, last.y, last.z] = [eye.x, eye.y, eye.z];
    last.planes.set(eye.planes);
    return true;
  }
}
