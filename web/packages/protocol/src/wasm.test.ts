import { beforeAll, expect, test } from "vitest";
import type { MovementRules } from "./calls.ts";
import type { DecodedPoses, MotionState, PoseReader } from "./core.ts";
import { encodeClaim, FrameKind, readFrames } from "./frames.ts";
import { type Picture, Poses } from "../../../../docs/example/poses.mjs";
import { type FrameVectors, hex, moduleBytes, unhex, vectors } from "./testing.ts";
import { loadWasmCore, type WasmCore } from "./wasm.ts";

let core: WasmCore;
beforeAll(async () => {
  core = await loadWasmCore(moduleBytes());
});

const golden = vectors<FrameVectors>("frames.json");

function rows(poses: DecodedPoses): (number | boolean)[][] {
  return Array.from({ length: poses.count }, (_, i) => [
    poses.entity[i], poses.x[i], poses.y[i], poses.z[i], poses.yaw[i], poses.animation[i], poses.speaking[i] !== 0,
  ] as (number | boolean)[]);
}

function decode(reader: PoseReader, bytes: Uint8Array): DecodedPoses | null {
  let good = true;
  readFrames(bytes, ({ kind, track, group }, payload) => {
    good = reader.take(kind, track, group, payload) && good;
  });
  return good ? reader.poses() : null;
}

test("the module reads the golden poses", () => {
  // People of the groups before stay for a second: each group gets a reader of its own.
  let reader = core.createPoseReader();
  for (const vector of golden.poses) {
    const bytes = unhex(vector.hex);
    if (bytes[0] === FrameKind.poseKeyframe) {
      reader.dispose();
      reader = core.createPoseReader();
    }
    const poses = decode(reader, bytes);
    expect(poses?.tick).toBe(vector.tick);
    // After a rekey those who left are there for a second more, with the tick of their last pose, and rows keep their places.
    const { ticks } = poses as DecodedPoses;
    const now = rows(poses as DecodedPoses).filter((_, row) => ticks[row] === vector.tick);
    expect(now.sort((a, b) => Number(a[0]) - Number(b[0]))).toEqual(vector.poses);
  }
  reader.dispose();
});

test("several tracks lie together by entity, until they end", () => {
  const reader = core.createPoseReader();
  const [first] = golden.poses as [FrameVectors["poses"][0]];
  const coarse = golden.poses.find((vector) => vector.hex.startsWith("01ad02")); // of track 301
  expect(coarse).toBeDefined();
  decode(reader, unhex(first.hex));
  const both = decode(reader, unhex((coarse as typeof first).hex)) as DecodedPoses;
  expect(new Set(both.entity)).toEqual(new Set([...first.poses, ...(coarse as typeof first).poses].map((row) => row[0])));
  expect(reader.take(FrameKind.poseEnd, 300, 0, new Uint8Array())).toBe(true);
  expect(reader.take(FrameKind.poseDelta, 300, 5, unhex((golden.poses[1] as typeof first).hex).subarray(7))).toBe(false);
  reader.dispose();
});

test("so does a reader that was written from the text alone", () => {
  const reader = new Poses(vectors<{ codes: string[][] }>("pose_codes.json").codes);
  for (const vector of golden.poses) {
    let read: Picture | null = null;
    readFrames(unhex(vector.hex), ({ kind }, payload) => {
      const { poseKeyframe, poseRekey } = FrameKind;
      read = kind === poseKeyframe ? reader.keyframe(payload) : kind === poseRekey ? reader.rekey(payload) : reader.delta(payload);
    });
    expect(read).toEqual({ tick: vector.tick, poses: vector.poses });
  }
});

test("a rekey needs the group before", () => {
  const reader = core.createPoseReader();
  const at = golden.poses.findIndex((vector) => vector.hex.startsWith("07ac02")); // of track 300
  const [rekey, next] = golden.poses.slice(at) as [FrameVectors["poses"][0], FrameVectors["poses"][0]];
  expect(decode(reader, unhex(rekey.hex))).toBeNull();
  expect(decode(reader, unhex((golden.poses[0] as typeof rekey).hex))).not.toBeNull();
  expect(decode(reader, unhex(next.hex))).toBeNull();
  expect(decode(reader, unhex(rekey.hex))).not.toBeNull();
  expect(decode(reader, unhex(rekey.hex))).toBeNull();
  expect(decode(reader, unhex(next.hex))).not.toBeNull();
  reader.dispose();
});

test("aggregates are read, until they end", () => {
  const reader = core.createPoseReader();
  const payload = new DataView(new ArrayBuffer(27));
  payload.setUint32(0, 1_000, true);
  payload.setUint32(4, 68_000, true);
  [-40, 8, 120].forEach((quarters, i) => payload.setInt16(8 + 2 * i, quarters, true));
  [16, 400].forEach((quarters, i) => payload.setUint16(14 + 2 * i, quarters, true));
  [50, -25, -12, 0, 3].forEach((value, i) => payload.setInt8(18 + i, value));
  payload.setUint8(23, 0x0a); // ten idle
  payload.setUint8(26, 0x05); // five cheer
  const bytes = new Uint8Array(payload.buffer);
  expect(reader.take(FrameKind.poseAggregate, 77, 1, bytes)).toBe(true);
  expect(reader.take(FrameKind.poseAggregate, 78, 1, bytes.subarray(1))).toBe(false);
  expect(reader.aggregates()).toEqual([{
    track: 77, tick: 1_000, count: 68_000, x: -10, y: 2, z: 30, halfX: 4, halfZ: 100, slopeX: 0.5, slopeZ: -0.25,
    velocityX: -1.2, velocityZ: 0, spread: 0.3, shares: [10 / 15, 0, 0, 0, 0, 0, 5 / 15, 0],
  }]);
  expect(reader.take(FrameKind.poseEnd, 77, 0, new Uint8Array())).toBe(true);
  expect(reader.aggregates()).toEqual([]);
  reader.dispose();
});

test("damaged poses are refused and change nothing", () => {
  const reader = core.createPoseReader();
  const [key, next] = golden.poses as [FrameVectors["poses"][0], FrameVectors["poses"][0]];
  expect(decode(reader, unhex(key.hex))).not.toBeNull();
  const payload = unhex(next.hex).subarray(7);
  const delta = FrameKind.poseDelta;
  expect(reader.take(delta, 300, 6, payload)).toBe(false);
  for (let length = 0; length < payload.length; length++) {
    expect(reader.take(delta, 300, 5, payload.subarray(0, length))).toBe(false);
  }
  expect(reader.take(delta, 300, 5, new Uint8Array([...payload, 0]))).toBe(false);
  expect(reader.take(FrameKind.poseKeyframe, 300, 9, new Uint8Array(40).fill(0xff))).toBe(false);
  expect(rows(decode(reader, unhex(next.hex)) as DecodedPoses)).toEqual(next.poses);
  reader.dispose();
});

test("claims in metres round to the same bytes", () => {
  const claim = golden.claims[2] as FrameVectors["claims"][0];
  const c = claim.claim;
  const bytes = core.encodeClaim({
    epoch: c.epoch, sequence: c.sequence, timeMs: c.time_ms, gesture: c.gesture, grounded: c.grounded,
    x: c.x_mm / 1000, y: c.y_mm / 1000, z: c.z_mm / 1000,
    vx: c.vx_mm_s / 1000, vy: c.vy_mm_s / 1000, vz: c.vz_mm_s / 1000,
    yaw: (c.yaw / 65536) * 2 * Math.PI,
  });
  expect(hex(bytes)).toBe(claim.hex);
  expect(hex(encodeClaim(c))).toBe(claim.hex);
});

// A collision file by the text of schema/frames.md: quads of four corners each, in metres.
function collisionFile(quads: [number, number, number][][]): Uint8Array {
  const view = new DataView(new ArrayBuffer(16 + 12 * (quads.length * 4 + quads.length * 2)));
  [0x4243574d, 1, quads.length * 4, quads.length * 2].forEach((value, i) => view.setUint32(i * 4, value, true));
  quads.flat(2).forEach((metres, i) => view.setInt32(16 + i * 4, Math.round(metres * 1000), true));
  const triangles = 16 + 12 * quads.length * 4;
  quads.forEach((_, q) => [0, 1, 2, 0, 2, 3].forEach((corner, i) => view.setUint32(triangles + q * 24 + i * 4, q * 4 + corner, true)));
  return new Uint8Array(view.buffer);
}

const floor: [number, number, number][] = [[-50, 0, -50], [50, 0, -50], [50, 0, 50], [-50, 0, 50]];
const wall: [number, number, number][] = [[-5, 0, 3], [5, 0, 3], [5, 3, 3], [-5, 3, 3]];
const rules: MovementRules = {
  walk_speed: 1.8, run_speed: 5, jump_speed: 4.6, gravity: 9.81, acceleration: 30, air_control: 0.35, radius: 0.3, height: 1.7,
  step_height: 0.35, slope_cos: 0.64, floor_y: -50,
};
const still = (): MotionState => ({ x: 0, y: 0, z: 0, vx: 0, vy: 0, vz: 0, grounded: true });

test("one walks on the ground, up to a wall and not through it", () => {
  const mover = core.createMover();
  mover.setRules(rules);
  expect(mover.setBody(0, collisionFile([floor, wall]))).toBe(true);
  const state = still();
  for (let i = 0; i < 60; i++) mover.step(state, { moveX: 0, moveZ: 1, run: false, jump: false });
  expect(state.z).toBeGreaterThan(1.5);
  expect(state.z).toBeLessThan(1.81);
  for (let i = 0; i < 300; i++) mover.step(state, { moveX: 0, moveZ: 1, run: true, jump: false });
  expect(state.z).toBeCloseTo(2.7, 2);
  expect(state).toMatchObject({ y: 0, grounded: true });
  expect(mover.ground(0, 0, 2, -2)).toBe(0);
  expect(mover.ground(80, 0, 2, -2)).toBeNull();
  expect(mover.ray({ x: 0, y: 1, z: 0 }, { x: 0, y: 1, z: 6 })).toBeCloseTo(0.5, 5);
  mover.dispose();
});

test("rules and bodies take effect, and bodies that do not parse change nothing", () => {
  const mover = core.createMover();
  mover.setRules({ ...rules, jump_speed: 9 });
  mover.setBody(0, collisionFile([floor]));
  const state = still();
  let top = 0;
  for (let i = 0; i < 60; i++) {
    mover.step(state, { moveX: 0, moveZ: 0, run: false, jump: i === 0 });
    top = Math.max(top, state.y);
  }
  expect(top).toBeGreaterThan(3.5);
  expect(mover.setBody(7, collisionFile([wall]), { x: 0, y: 0, z: -2, yaw: 0, scale: 1 })).toBe(true);
  expect(mover.setBody(7, Uint8Array.of(1, 2, 3))).toBe(false);
  Object.assign(state, still());
  const forward = { moveX: 0, moveZ: 1, run: true, jump: false };
  for (let i = 0; i < 120; i++) mover.step(state, forward);
  expect(state.z).toBeCloseTo(0.7, 2);
  mover.removeBody(7);
  for (let i = 0; i < 120; i++) mover.step(state, forward);
  expect(state.z).toBeGreaterThan(8);
  mover.dispose();
});

test("views survive the growth of memory", () => {
  const mover = core.createMover();
  mover.setBody(0, collisionFile([floor]));
  const many = core.createMover();
  many.setBody(0, collisionFile(Array.from({ length: 20_000 }, (_, i) => floor.map(([x, y, z]) => [x + i / 10, y, z] as [number, number, number]))));
  const state = still();
  mover.step(state, { moveX: 1, moveZ: 0, run: false, jump: false });
  expect(state.x).toBeGreaterThan(0);
  many.dispose();
  mover.dispose();
});

test("native and WebAssembly agree over a million steps and twenty thousand frames", { timeout: 120_000 }, () => {
  const stated = vectors<Record<"motion_hash" | "pose_hash", string> & Record<"motion_steps" | "pose_frames", number>>("agreement.json");
  const text = (hash: bigint) => hash.toString(16).padStart(16, "0");
  expect(text(core.agreeOnPoses(stated.pose_frames))).toBe(stated.pose_hash);
  expect(text(core.agreeOnMotion(stated.motion_steps))).toBe(stated.motion_hash);
});
