import { describe, expect, it } from "vitest";
import { clipRate, Gait, type GaitRules, JUMP, RUN, WALK } from "./gait.ts";
import { CLIP_NAMES, layOut, rowAt, TEXELS_PER_BONE } from "./vat.ts";

const lengths = [5, 0.96, 0.66, 0.9, 5, 2.4, 1, 2];
const layout = layOut(22, lengths);
const rules: GaitRules = { clips: layout.clips, walkSpeed: 1.4, runSpeed: 4, modelHeight: 1.75 };

describe("the layout of the vertex-animation texture", () => {
  it("gives every clip its rows and one more, without overlap", () => {
    let next = 0;
    for (const clip of layout.clips) {
      expect(clip.start).toBe(next);
      next += clip.steps + 1;
    }
    expect(layout.rows).toBe(next);
    expect(layout.width).toBe(22 * TEXELS_PER_BONE);
  });

  it("never reads past the row after a clip's last step", () => {
    layout.clips.forEach((clip) => {
      for (const phase of [0, 0.3, 0.99999, 1, 1.7, -0.2, 12]) {
        const row = rowAt(clip, phase);
        expect(row).toBeGreaterThanOrEqual(clip.start);
        expect(Math.floor(row) + 1).toBeLessThanOrEqual(clip.start + clip.steps);
      }
    });
  });

  it("shows the first clip for one that a file lacks", () => {
    const partial = layOut(4, [2, undefined, 1]);
    expect(partial.clips[1]).toBe(partial.clips[0]);
    expect(partial.clips[2]!.start).toBe(61);
    expect(layOut(4, [undefined]).rows).toBeGreaterThan(1);
  });

  it("stops the jump at its end", () => {
    const jump = layout.clips[CLIP_NAMES.indexOf("jump")]!;
    expect(jump.loop).toBe(false);
    expect(rowAt(jump, 3)).toBeCloseTo(jump.start + jump.steps, 1);
  });
});

describe("gait", () => {
  it("covers the ground that the clip was made for, so that feet do not slide", () => {
    for (const [clip, speed, natural] of [
      [WALK, 1.4, 1.4],
      [WALK, 1.9, 1.4],
      [RUN, 5, 4],
    ] as const) {
      const metresPerCycle = speed / clipRate(rules, clip, speed, 1.75);
      expect(metresPerCycle).toBeCloseTo(natural * lengths[clip]!, 5);
    }
    // A taller person takes longer steps, and fewer.
    expect(clipRate(rules, WALK, 1.4, 1.95)).toBeLessThan(clipRate(rules, WALK, 1.4, 1.6));
  });

  it("carries the step over from a walk into a run, and starts a gesture at its beginning", () => {
    const gait = new Gait(1);
    gait.start(0, WALK, 0.4);
    gait.step(rules, 0, RUN, 3, 1.75, 0);
    expect(gait.phase[0]).toBeCloseTo(0.4);
    gait.step(rules, 0, JUMP, 3, 1.75, 0);
    expect(gait.phase[0]).toBe(0);
  });

  it("fades a change over in 150 ms", () => {
    const gait = new Gait(1);
    gait.start(0, 0, 0);
    gait.step(rules, 0, WALK, 1.4, 1.75, 0.05);
    expect(gait.old[0]).toBe(0);
    expect(gait.blend[0]).toBeCloseTo(2 / 3);
    gait.step(rules, 0, WALK, 1.4, 1.75, 0.05);
    gait.step(rules, 0, WALK, 1.4, 1.75, 0.06);
    expect(gait.blend[0]).toBe(0);
  });

  it("keeps phases within one round however long it runs", () => {
    const gait = new Gait(1);
    gait.start(0, WALK, 0.9);
    for (let i = 0; i < 1000; i++) {
      gait.step(rules, 0, i % 90 < 45 ? WALK : RUN, 3, 1.75, 0.07);
      expect(gait.phase[0]).toBeGreaterThanOrEqual(0);
      expect(gait.phase[0]).toBeLessThan(1);
      expect(gait.oldPhase[0]).toBeLessThan(1);
    }
  });
});
