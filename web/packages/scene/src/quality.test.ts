import { describe, expect, it } from "vitest";
import { Governor, guessQuality, order, pixelRatio, planOf, plans } from "./quality.ts";

function feed(governor: Governor, milliseconds: number, frames: number): number {
  let changes = 0;
  for (let i = 0; i < frames; i++) if (governor.add(milliseconds)) changes++;
  return changes;
}

describe("the first guess", () => {
  const desk = { touch: false, cores: 8, renderer: "ANGLE (NVIDIA GeForce RTX 3060)", maxTextureSize: 16384 };
  it("follows the device", () => {
    expect(guessQuality(desk)).toBe("high");
    expect(guessQuality({ ...desk, touch: true })).toBe("medium");
    expect(guessQuality({ ...desk, renderer: "Google SwiftShader" })).toBe("low");
    expect(guessQuality({ ...desk, cores: 2 })).toBe("low");
  });
});

describe("a crowd", () => {
  // Triangles of person.glb's levels, of the silhouette, of an impostor and a dark spot.
  const [full, less, coarse, silhouette, quad] = [12_034, 2_222, 804, 60, 2];
  const worst = ({ crowd, shadows }: ReturnType<typeof planOf>, people: number) => {
    const [a, b, c, d] = crowd.most;
    const near = Math.min(shadows.radii.length, 2) * crowd.nearCasters * less + crowd.farCasters * coarse;
    return a * full + b * less + c * coarse + d * silhouette + (people + people + crowd.far) * quad + near;
  };

  it("of 10,000 who are near, and a full stadium behind them, is at most two million triangles", () => {
    for (const quality of order) expect(worst(planOf(quality, false), 10_000)).toBeLessThanOrEqual(2_000_000);
  });

  it("of 3,000 who are near is at most half a million on a phone", () => {
    for (const quality of order) {
      expect(worst(planOf(quality, true), 3_000)).toBeLessThanOrEqual(500_000);
      expect(planOf(quality, true).crowd.most.reduce((sum, n) => sum + n)).toBeLessThanOrEqual(3_000);
    }
  });
});

describe("the governor", () => {
  it("leaves a good picture alone and, at length, makes it better", () => {
    const governor = new Governor("medium", false);
    expect(feed(governor, 20, 2000)).toBe(0);
    feed(governor, 16.6, 4000);
    expect(governor.now.quality).toBe("high");
    expect(governor.now.pixels).toBe(1);
  });

  it("gives up pixels first, then the level, and stops at the least", () => {
    const governor = new Governor("high", false);
    feed(governor, 30, 65);
    expect(governor.now).toEqual({ quality: "high", pixels: 0.5 });
    feed(governor, 90, 3000);
    expect(governor.now).toEqual({ quality: "low", pixels: 0 });
    expect(pixelRatio(plans.low, 0, 1)).toBeGreaterThanOrEqual(0.6);
  });

  it("does not swing between two levels", () => {
    const governor = new Governor("medium", false);
    let changes = 0;
    for (let i = 0; i < 20000; i++) {
      const high = governor.now.quality === "high";
      if (governor.add(high ? 40 : 16)) changes++;
    }
    expect(changes).toBeLessThan(60);
  });

  it("keeps a quality that was asked for, but may draw fewer pixels", () => {
    const governor = new Governor("high", true);
    feed(governor, 100, 3000);
    expect(governor.now).toEqual({ quality: "high", pixels: 0 });
  });

  it("takes no pause of the page for a slow frame", () => {
    const governor = new Governor("high", false);
    expect(feed(governor, 4000, 500)).toBe(0);
  });
});

describe("the plans", () => {
  it("ask for more from level to level", () => {
    for (let i = 1; i < order.length; i++) {
      const [less, more] = [plans[order[i - 1]!], plans[order[i]!]];
      expect(more.shadows.radii.length).toBeGreaterThan(less.shadows.radii.length - 1);
      more.crowd.most.forEach((most, t) => expect(most).toBeGreaterThan(less.crowd.most[t]!));
      expect(more.crowd.reach).toBeGreaterThan(less.crowd.reach);
    }
  });
  it("name one interval per cascade", () => {
    for (const plan of Object.values(plans)) expect(plan.shadows.every.length).toBe(plan.shadows.radii.length);
  });
});
