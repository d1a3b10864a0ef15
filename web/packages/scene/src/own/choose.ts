// Who of those with a figure of their own is shown so, and how finely. No three.js: tested alone.

import type { Avatar } from "@manyworlds/protocol";
import type { Quality } from "../types.ts";

export interface Plan {
  figures: number;
  triangles: number;
  /** Metres: to here the finest level, to here the next; beyond `reach` the kit's figure stands in. */
  fine: number;
  middle: number;
  reach: number;
  /** The finest level only of files with so many triangles at most. */
  finest: number;
}

const plans: Record<Quality, Plan> = {
  low: { figures: 4, triangles: 40_000, fine: 4, middle: 12, reach: 24, finest: 20_000 },
  medium: { figures: 10, triangles: 150_000, fine: 6, middle: 16, reach: 40, finest: 60_000 },
  high: { figures: 20, triangles: 400_000, fine: 8, middle: 22, reach: 60, finest: 150_000 },
};

/** Where fingers touch the picture half of it has to do. */
export function planFor(quality: Quality, touch: boolean): Plan {
  const plan = plans[quality];
  return touch ? { ...plan, figures: Math.ceil(plan.figures / 2), triangles: plan.triangles / 2, finest: plan.finest / 2 } : plan;
}

export interface Near {
  own: boolean;
  distance: number;
  /** The level that is shown now; -1: none. */
  now: number;
  /** Not known before it was fetched. */
  about: Pick<Avatar, "levels" | "rank"> | null;
}

/** Whoever is at the border of two levels keeps theirs. */
const border = 0.15;

function wished(one: Near, plan: Plan): number {
  const { distance, now } = one;
  const far = distance < plan.fine ? 0 : distance < plan.middle ? 1 : 2;
  if (now < 0 || Math.abs(far - now) !== 1) return far;
  const edge = Math.max(far, now) === 1 ? plan.fine : plan.middle;
  return Math.abs(distance - edge) < border * edge ? now : far;
}

/** The level that somebody would be shown at; -1: the kit's figure. */
function levelOf(one: Near, plan: Plan): number {
  const { about } = one;
  if (!about) return 0; // what there is of it is asked first
  const last = about.levels.length - 1;
  // Others see a poor one at reduced detail only.
  const first = (about.levels[0]?.triangles ?? Infinity) > plan.finest || (about.rank === "poor" && !one.own) ? 1 : 0;
  const level = Math.max(one.own ? 0 : wished(one, plan), first);
  if (last === 0) return first === 0 && one.distance < plan.middle ? 0 : -1;
  return Math.min(level, last);
}

/** Oneself first, then the nearest, as far as figures and triangles go. */
export function choose<T extends Near>(near: readonly T[], plan: Plan): { one: T; level: number }[] {
  const sorted = [...near].sort((a, b) => Number(b.own) - Number(a.own) || a.distance - b.distance);
  const out: { one: T; level: number }[] = [];
  let triangles = 0;
  for (const one of sorted) {
    if (out.length >= plan.figures) break;
    const reach = plan.reach * (one.now >= 0 ? 1 + border : 1);
    if (!one.own && one.distance > reach) break;
    let level = levelOf(one, plan);
    if (level < 0) continue;
    const of = (at: number) => one.about?.levels[at]?.triangles ?? 0;
    while (one.about && triangles + of(level) > plan.triangles && level < one.about.levels.length - 1) level++;
    if (triangles + of(level) > plan.triangles) continue;
    triangles += of(level);
    out.push({ one, level });
  }
  return out;
}
