import { describe, expect, it } from "vitest";
import { Governor, guessQuality, order, pixelRatio, plans } from "./quality.ts";

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
