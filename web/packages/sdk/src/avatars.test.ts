import { describe, expect, it } from "vitest";
import { AvatarBuffer } from "./avatars.ts";
import { poses } from "./fake_host.ts";

function at(buffer: AvatarBuffer, tick: number, entity: number, self = 0) {
  const columns = buffer.sample(tick, self);
  for (let i = 0; i < columns.count; i++) {
    if (columns.entity[i] === entity) {
      return { x: columns.x[i] as number, z: columns.z[i] as number, yaw: columns.yaw[i] as number, animation: columns.animation[i] as number, speed: columns.speed[i] as number };
    }
  }
  return null;
}

describe("AvatarBuffer", () => {
  it("draws between two known poses, and tells the speed over the ground", () => {
    const buffer = new AvatarBuffer();
    buffer.push(poses(10, [[1, 0, 0, 0, 0, 1]]));
    buffer.push(poses(12, [[1, 40, 0, 0, 64, 1]]));
    const drawn = at(buffer, 11, 1);
    expect(drawn?.x).toBeCloseTo(0.2);
    expect(drawn?.yaw).toBeCloseTo(Math.PI / 4);
    expect(drawn?.speed).toBeCloseTo(4);
  });

  it("turns the short way round", () => {
    const buffer = new AvatarBuffer();
    buffer.push(poses(1, [[1, 0, 0, 0, 250]]));
    buffer.push(poses(2, [[1, 0, 0, 0, 6]]));
    const turn = (at(buffer, 1.5, 1)?.yaw ?? 0) / (2 * Math.PI);
    expect(turn - Math.floor(turn)).toBeCloseTo(0, 5);
  });

  it("goes on for two ticks when nothing comes, and then stands", () => {
    const buffer = new AvatarBuffer();
    buffer.push(poses(10, [[1, 0, 0, 0]]));
    buffer.push(poses(11, [[1, 10, 0, 0]]));
    expect(at(buffer, 12, 1)?.x).toBeCloseTo(0.2);
    expect(at(buffer, 13, 1)?.x).toBeCloseTo(0.3);
    expect(at(buffer, 30, 1)?.x).toBeCloseTo(0.3);
  });

  it("shows a teleport as one step, not as a flight", () => {
    const buffer = new AvatarBuffer();
    buffer.push(poses(10, [[1, 0, 0, 0]]));
    buffer.push(poses(11, [[1, 5000, 0, 0]]));
    expect(at(buffer, 10.9, 1)?.x).toBe(0);
    expect(at(buffer, 11, 1)).toMatchObject({ x: 50, speed: 0 });
  });

  it("rests with who does the same as before, until there is news", () => {
    const buffer = new AvatarBuffer();
    const fresh = (tick: number) => buffer.sample(tick, 0).fresh[0];
    buffer.push(poses(10, [[1, 100, 0, 0, 0, 4]]));
    buffer.push(poses(11, [[1, 100, 0, 0, 0, 4]]));
    expect([fresh(11), fresh(11)]).toEqual([1, 2]);
    for (let tick = 12; tick < 60; tick++) buffer.push(poses(tick, [[1, 100, 0, 0, 0, 4]]));
    expect(fresh(59)).toBe(2);
    expect(buffer.newestAt(0)).toBe(59);
    // Walks away: from the last place that was told, at the time it was told.
    buffer.push(poses(60, [[1, 110, 0, 0, 0, 1]]));
    expect(at(buffer, 59.5, 1)?.x).toBeCloseTo(1.05);
    buffer.push(poses(61, [[1, 120, 0, 0, 0, 1]]));
    buffer.push(poses(62, [[1, 120, 0, 0, 0, 0]]));
    expect(at(buffer, 61, 1)?.x).toBeCloseTo(1.2);
    expect(fresh(62)).toBe(1);
    buffer.push(poses(63, [[1, 120, 0, 0, 0, 0]]));
    expect([fresh(63), fresh(63)]).toEqual([1, 2]);
  });

  it("keeps the newest tick when frames come late or twice", () => {
    const buffer = new AvatarBuffer();
    buffer.push(poses(10, [[1, 0, 0, 0]]));
    buffer.push(poses(12, [[1, 20, 0, 0]]));
    buffer.push(poses(11, [[1, 999, 0, 0]]));
    buffer.push(poses(12, [[1, 20, 0, 0]]));
    expect(at(buffer, 11, 1)?.x).toBeCloseTo(0.1);
  });

  it("lets go of who was not heard of for a second, and of nobody else", () => {
    const buffer = new AvatarBuffer();
    buffer.push(poses(1, [[1, 0, 0, 0], [2, 0, 0, 0]]));
    for (let tick = 2; tick <= 22; tick++) buffer.push(poses(tick, [[2, 0, 0, 0]]));
    expect(at(buffer, 20, 1)).toBeNull();
    expect(at(buffer, 20, 2)).not.toBeNull();
    expect(buffer.size).toBe(1);
  });

  it("leaves oneself out, and follows thousands whose rows change", () => {
    const buffer = new AvatarBuffer();
    const crowd = (shift: number) => Array.from({ length: 3000 }, (_, i) => [((i + shift) % 3000) + 1, i, 0, shift]);
    buffer.push(poses(1, crowd(0)));
    buffer.push(poses(2, crowd(1)));
    const columns = buffer.sample(2, 17);
    expect(columns.count).toBe(2999);
    expect([...columns.entity.subarray(0, columns.count)]).not.toContain(17);
    // Entity 100 was row 99 in the first frame and row 98 in the second.
    expect(at(buffer, 1, 100)?.x).toBeCloseTo(0.99);
    expect(at(buffer, 2, 100)?.x).toBeCloseTo(0.98);
  });

  it("samples those far away less often in a crowd, and never leaves one out", () => {
    const buffer = new AvatarBuffer();
    const crowd = (tick: number) => Array.from({ length: 4000 }, (_, i) => [i + 1, i * 10 + tick, 0, 0]);
    for (let tick = 1; tick <= 4; tick++) buffer.push(poses(tick, crowd(tick)));
    const eye = { x: 0, z: 0 };
    expect(buffer.sample(2, 0, eye).fresh.subarray(0, 4000).every((fresh) => fresh === 1)).toBe(true);
    const sampled = new Uint32Array(4001);
    for (let frame = 0; frame < 40; frame++) {
      const { count, entity, fresh } = buffer.sample(2 + frame / 20, 0, eye);
      expect(count).toBe(4000);
      for (let row = 0; row < count; row++) sampled[entity[row] as number]! += fresh[row] as number;
    }
    // 24 m, 50 m and 390 m away.
    expect([sampled[240], sampled[500], sampled[3900]]).toEqual([40, 20, 10]);
  });

  it("keeps everybody's row right while people leave and others come", () => {
    const buffer = new AvatarBuffer();
    let present = new Set<number>();
    for (let tick = 1; tick <= 60; tick++) {
      const wanted = Array.from({ length: 2500 }, (_, i) => i + 1).filter((entity) => (entity * 7919 + tick * 13) % 11 > 1);
      for (const entity of present) if ((entity + tick) % 9 === 0) buffer.remove(entity);
      buffer.push(poses(tick, wanted.map((entity) => [entity, entity, 0, 0])));
      const { count, entity, x } = buffer.sample(tick, 5, { x: 0, z: 0 });
      const rows = entity.subarray(0, count);
      present = new Set(rows);
      expect(present.size).toBe(count);
      expect(present.has(5)).toBe(false);
      expect(wanted.filter((one) => one !== 5 && !present.has(one))).toEqual([]);
      expect(rows.findIndex((one, row) => Math.abs((x[row] as number) - one / 100) > 1e-4)).toBe(-1);
    }
  });

  it("does not give a slot's past to who takes it over", () => {
    const buffer = new AvatarBuffer();
    buffer.push(poses(5, [[1, 4000, 0, 0]]));
    buffer.remove(1);
    buffer.push(poses(6, [[9, 100, 0, 0]]));
    expect(at(buffer, 5.5, 9)?.x).toBe(1);
  });

  it("draws each between ticks of their own, for levels have different rates", () => {
    const buffer = new AvatarBuffer();
    const two = (tick: number, fast: number, slowTick: number, slow: number) => {
      const read = poses(tick, [[1, fast, 0, 0], [2, slow, 0, 0]]);
      read.ticks[1] = slowTick;
      buffer.push(read);
    };
    for (let tick = 100; tick <= 104; tick++) two(tick, tick - 100, tick < 104 ? 100 : 104, tick < 104 ? 0 : 80);
    expect(at(buffer, 103, 1)?.x).toBeCloseTo(0.03);
    expect(at(buffer, 103, 2)?.x).toBeCloseTo(0.6);
    expect(at(buffer, 103, 2)?.speed).toBeCloseTo(4);
  });

  it("does not bring back who was removed while the reader still has them", () => {
    const buffer = new AvatarBuffer();
    buffer.push(poses(10, [[1, 0, 0, 0], [2, 0, 0, 0]]));
    buffer.remove(1);
    const read = poses(11, [[1, 0, 0, 0], [2, 0, 0, 0]]);
    read.ticks[0] = 10;
    buffer.push(read);
    expect(at(buffer, 11, 1)).toBeNull();
    expect(at(buffer, 11, 2)).not.toBeNull();
  });
});
