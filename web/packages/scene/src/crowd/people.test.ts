import { describe, expect, it } from "vitest";
import type { AvatarColumns } from "../types.ts";
import { type GaitRules, SIT, SIT_SEAT } from "./gait.ts";
import { defaultExtras, guessAppearance } from "./looks.ts";
import { FLOATS_PER_POSE, packFlags, People } from "./people.ts";
import { layOut } from "./vat.ts";

const rules: GaitRules = {
  clips: layOut(22, [5, 1, 0.7, 0.9, 5, 2, 1, 2, 5]).clips,
  walkSpeed: 1.4,
  runSpeed: 4,
  modelHeight: 1.75,
};

function rows(entities: number[], animation = 0, speed = 0): AvatarColumns {
  const count = entities.length;
  return {
    count,
    fresh: new Uint8Array(count).fill(1),
    entity: Uint32Array.from(entities),
    x: Float32Array.from(entities, (e) => e),
    y: new Float32Array(count),
    z: new Float32Array(count),
    yaw: new Float32Array(count),
    animation: new Uint8Array(count).fill(animation),
    speed: new Float32Array(count).fill(speed),
    speaking: new Uint8Array(count),
  };
}

describe("people", () => {
  it("fade away when they are hidden, and come again", () => {
    const people = new People(4, rules, defaultExtras);
    people.update(rows([1, 2, 3]), null, 1 / 60);
    people.hidden = new Set([2]);
    for (let frame = 0; frame < 120; frame++) people.update(rows([1, 2, 3]), null, 1 / 60);
    expect(people.count).toBe(2);
    expect(people.slotOf(2)).toBe(-1);
    people.hidden = new Set();
    people.update(rows([1, 2, 3]), null, 1 / 60);
    expect(people.slotOf(2)).toBeGreaterThanOrEqual(0);
    expect(people.count).toBe(3);
  });

  it("go on at the same pace when they are brought up to date only now and then", () => {
    const [often, seldom] = [new People(4, rules, defaultExtras), new People(4, rules, defaultExtras)];
    for (let frame = 0; frame < 41; frame++) {
      const now = rows([1], 1, 1.4);
      now.x[0] = frame * 0.02;
      often.update(now, null, 1 / 60);
      seldom.update({ ...now, fresh: Uint8Array.of(frame % 4 === 0 ? 1 : 0) }, null, 1 / 60);
    }
    expect(seldom.gait.phase[0]).toBeCloseTo(often.gait.phase[0]!, 3);
    expect(seldom.x[0]).toBeCloseTo(often.x[0]!, 5);
    expect(seldom.shown[0]).toBe(1);
  });

  it("rest without being touched, and go on where they were", () => {
    const [held, stepped] = [new People(2, rules, defaultExtras), new People(2, rules, defaultExtras)];
    const clapping = rows([1], 7);
    const frame = 1 / 60;
    for (let i = 0; i < 100; i++) {
      held.update({ ...clapping, fresh: Uint8Array.of(i < 50 ? 1 : 2) }, null, frame);
      stepped.update(clapping, null, frame);
      if (i > 52) expect(held.poseChanged).toBe(false);
    }
    // What the shader makes of the row: the clip in whole numbers, and its phase at clock 0 behind the point.
    const row = held.pose[4]!;
    expect(Math.floor(-1 - row)).toBe(7);
    const phase = (((-1 - row) % 1) / 0.999 + held.clock / rules.clips[7]!.seconds) % 1;
    expect(phase).toBeCloseTo(stepped.gait.phase[0]!, 4);
    held.update(clapping, null, frame);
    stepped.update(clapping, null, frame);
    expect(held.gait.phase[0]).toBeCloseTo(stepped.gait.phase[0]!, 4);
    // Who rests and goes away fades as others do, in the movement that they had.
    held.update({ ...clapping, fresh: Uint8Array.of(2) }, null, frame);
    held.update(rows([]), null, frame);
    expect(held.pose[4]).toBeGreaterThanOrEqual(0);
    expect(held.shown[0]).toBeLessThan(1);
  });

  it("keep their slot while the rows change order", () => {
    const people = new People(4, rules, defaultExtras);
    people.update(rows([10, 20, 30]), null, 0.1);
    const slot = people.slotOf(20);
    people.update(rows([30, 20, 10]), null, 0.1);
    people.update(rows([20]), null, 0.1);
    expect(people.slotOf(20)).toBe(slot);
    expect(people.x[slot]).toBe(20);
  });

  it("fade in, fade out, and give their slot back", () => {
    const people = new People(4, rules, defaultExtras);
    people.update(rows([1, 2]), null, 0.05);
    const slot = people.slotOf(1);
    expect(people.shown[slot]).toBeLessThan(1);
    for (let i = 0; i < 10; i++) people.update(rows([1, 2]), null, 0.05);
    expect(people.shown[slot]).toBe(1);
    people.update(rows([2]), null, 0.1);
    expect(people.used[slot]).toBe(2);
    for (let i = 0; i < 10; i++) people.update(rows([2]), null, 0.05);
    expect(people.slotOf(1)).toBe(-1);
    expect(people.count).toBe(1);
    people.update(rows([2, 3]), null, 0.05);
    expect(people.slotOf(3)).toBe(slot);
  });

  it("were there already when a world opens", () => {
    const people = new People(4, rules, defaultExtras);
    people.clear();
    people.update(rows([]), null, 0.05);
    people.update(rows([1, 2]), null, 0.05);
    expect(people.shown[people.slotOf(2)]).toBe(1);
    expect(people.fading).toBe(0);
    people.update(rows([1, 2, 3]), null, 0.05);
    expect(people.shown[people.slotOf(3)]).toBeLessThan(1);
    expect(people.fading).toBe(1);
  });

  it("sit on a seat where there is one, and on the ground where not", () => {
    const people = new People(4, rules, defaultExtras);
    people.seatBehind = (x) => (x === 1 ? 0.3 : -1);
    const sitting = rows([1, 2]);
    sitting.animation.fill(SIT);
    sitting.yaw.fill(Math.PI / 2);
    for (let i = 0; i < 40; i++) people.update(sitting, null, 0.05);
    const [seated, low] = [people.slotOf(1), people.slotOf(2)];
    expect(people.gait.clip[seated]).toBe(SIT_SEAT);
    expect(people.gait.clip[low]).toBe(SIT);
    expect(people.pose[seated * FLOATS_PER_POSE]).toBeCloseTo(0.7);
    expect(people.pose[low * FLOATS_PER_POSE]).toBeCloseTo(2);
    for (let i = 0; i < 60; i++) people.update(rows([1, 2]), null, 0.05);
    expect(people.gait.clip[seated]).toBe(0);
    expect(people.pose[seated * FLOATS_PER_POSE]).toBeCloseTo(1);
    // A picture came late: at the new place nothing of the seat is left.
    people.update(sitting, null, 0.05);
    for (let i = 0; i < 20; i++) people.update(sitting, null, 0.05);
    const gone = rows([1, 2]);
    gone.z.fill(3);
    people.update(gone, null, 0.016);
    expect(people.gait.blend[seated]).toBe(0);
    expect(people.pose[seated * FLOATS_PER_POSE]).toBeCloseTo(1);
  });

  it("come back while they fade", () => {
    const people = new People(4, rules, defaultExtras);
    for (let i = 0; i < 10; i++) people.update(rows([5]), null, 0.05);
    people.update(rows([]), null, 0.1);
    people.update(rows([5]), null, 0.1);
    expect(people.used[people.slotOf(5)]).toBe(1);
    expect(people.count).toBe(1);
  });

  it("grow past their first capacity without losing anybody", () => {
    const people = new People(4, rules, defaultExtras);
    const all = Array.from({ length: 100 }, (_, i) => i + 1);
    people.update(rows(all), null, 0.1);
    expect(people.count).toBe(100);
    for (const entity of all) {
      const at = people.slotOf(entity) * FLOATS_PER_POSE;
      expect(people.pose[at]).toBe(entity);
    }
  });

  it("turn the short way round", () => {
    const people = new People(4, rules, defaultExtras);
    const one = rows([1]);
    one.yaw[0] = 3.1;
    people.update(one, null, 0.1);
    one.yaw[0] = -3.1;
    people.update(one, null, 0.01);
    const slot = people.slotOf(1);
    expect(people.yaw[slot]).toBeGreaterThan(3.1);
    expect(people.yaw[slot]).toBeLessThan(3.2);
  });

  it("stand when they walk on the spot", () => {
    const people = new People(4, rules, defaultExtras);
    people.update(rows([1], 1, 0), null, 0.1);
    expect(people.gait.clip[people.slotOf(1)]).toBe(0);
    people.update(rows([1], 1, 1.4), null, 0.1);
    expect(people.gait.clip[people.slotOf(1)]).toBe(1);
  });

  it("put looks on whenever they arrive", () => {
    const people = new People(4, rules, defaultExtras);
    people.update(rows([1]), null, 0.1);
    const slot = people.slotOf(1);
    people.lookChanged = false;
    const appearance = { ...guessAppearance(1), height: 1.93 };
    people.setPerson({ entity: 1, name: "A", simulated: false, role: "guest", appearance });
    expect(people.lookChanged).toBe(true);
    expect(people.height[slot]).toBeCloseTo(1.93, 2);
  });

  it("lay the blob on the ground that was left in a jump", () => {
    const people = new People(4, rules, defaultExtras);
    const one = rows([1]);
    people.update(one, null, 0.1);
    one.animation[0] = 3;
    one.y[0] = 0.5;
    people.update(one, null, 0.1);
    const flags = people.pose[people.slotOf(1) * FLOATS_PER_POSE + 7]!;
    expect(Math.floor(flags / 4) / 64).toBeCloseTo(0.5);
  });
});

describe("flags of a pose", () => {
  it("come apart again as the shader takes them apart", () => {
    for (const [shown, speaks, lift] of [
      [1, true, 0],
      [0.5, false, 1.25],
      [0, true, 3.9],
    ] as const) {
      const flags = Math.fround(packFlags(shown, speaks, lift));
      expect((flags - Math.floor(flags)) / 0.999).toBeCloseTo(shown, 3);
      expect(Math.floor(flags) % 4 > 1.5).toBe(speaks);
      expect(Math.floor(flags / 4) / 64).toBeCloseTo(lift, 1);
    }
  });
});
