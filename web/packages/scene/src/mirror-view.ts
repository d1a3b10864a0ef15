// Where the mirror looks from, and the shape of what one stands on there. Pure: tested alone.

/** What of oneself is in the picture. */
export type Part = "whole" | "head" | "upper" | "lower";

/**
 * Metres that the picture is high and wide at least, the eye's rise over its middle for each metre of distance, and what it is
 * hung by: the crown or the feet, so far from the picture's edge as a share of its height; without either the middle is half of the person.
 */
const parts: Record<Part, { high: number; wide: number; rise: number; crown?: number; feet?: number }> = {
  whole: { high: 2.25, wide: 1, rise: 0.07 },
  head: { high: 0.8, wide: 0.62, rise: 0.02, crown: 0.13 },
  upper: { high: 1.2, wide: 0.98, rise: 0.04, crown: 0.1 },
  lower: { high: 1.3, wide: 0.8, rise: 0.16, feet: 0.16 },
};
/** Hair and hats are higher than the head, and what one stands on is below the feet; shares of the height, and metres. */
const crownOver = 1.03;
const below = 0.06;

/** `fov`: of the picture's height, degrees; `aspect`: its width for its height. */
export function viewOf(part: Part, height: number, fov: number, aspect: number): { y: number; distance: number; rise: number } {
  const { high, wide, rise, crown, feet } = parts[part];
  const shown = Math.max(high * (height / 1.75), wide / Math.max(aspect, 0.1));
  let y = (height * crownOver - below) / 2;
  if (crown !== undefined) y = height * crownOver + shown * (crown - 0.5);
  if (feet !== undefined) y = shown * (0.5 - feet) - below;
  return { y, distance: shown / 2 / Math.tan((fov * Math.PI) / 360), rise };
}

/** How a picture of so many pixels is drawn through a window of so many: in how many columns and rows, and how large. */
export function tiling(wide: number, high: number, scale: number, window: { width: number; height: number }, most: number): { scale: number; columns: number; rows: number } {
  for (let s = scale; ; s *= 0.9) {
    const columns = Math.ceil((wide * s) / window.width);
    const rows = Math.ceil((high * s) / window.height);
    if (columns * rows <= most) return { scale: s, columns, rows };
  }
}

/** A profile of (radius, height) from the axis outwards, turned round it; the edges between its pieces are smooth. */
export function lathe(
  profile: readonly (readonly [number, number])[],
  sides: number,
): { position: Float32Array; normal: Float32Array; index: number[] } {
  const position = new Float32Array(profile.length * sides * 3);
  const normal = new Float32Array(position.length);
  const index: number[] = [];
  profile.forEach(([radius, y], ring) => {
    const before = profile[Math.max(ring - 1, 0)]!;
    const after = profile[Math.min(ring + 1, profile.length - 1)]!;
    // Across the profile, outwards and up; the flat top stays flat.
    const [dr, dy] = ring < 2 ? [1, 0] : [after[0] - before[0], after[1] - before[1]];
    const length = Math.hypot(dr, dy);
    for (let i = 0; i < sides; i++) {
      const angle = (i / sides) * 2 * Math.PI;
      const at = (ring * sides + i) * 3;
      position.set([radius * Math.sin(angle), y, radius * Math.cos(angle)], at);
      normal.set([(-dy / length) * Math.sin(angle), dr / length, (-dy / length) * Math.cos(angle)], at);
      if (ring === 0) continue;
      const [a, b] = [ring * sides + i, ring * sides + ((i + 1) % sides)];
      index.push(a - sides, a, b, a - sides, b, b - sides);
    }
  });
  return { position, normal, index };
}
