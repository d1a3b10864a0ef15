import type { PoseClaim } from "@manyworlds/protocol/frames.ts";
import { describe, expect, it } from "vitest";
import { FakeCore, RULES } from "./fake_host.ts";
import { Gesture, Player } from "./player.ts";

const make = () => new Player(7, new FakeCore().createMover(), RULES, { epoch: 3, x: 0, y: 0, z: 0, yaw: 0 }, 0);
const still = { moveX: 0, moveZ: 0, run: false, jump: false };
const ahead = { ...still, moveZ: 1 };

/** Runs for `ms` at 60 frames a second. */
function run(player: Player, from: number, ms: number): { claims: PoseClaim[]; now: number } {
  const claims: PoseClaim[] = [];
  let now = from;
  for (; now < from + ms; now += 1000 / 60) {
    const claim = player.update(now);
    if (claim) claims.push(claim);
  }
  return { claims, now };
}

describe("Player", () => {
  it("walks at once, claims at most 20 times a second, and says once that it stopped", () => {
    const player = make();
    player.setIntent(ahead);
    const walk = run(player, 0, 2000);
    expect(walk.claims.length).toBeGreaterThan(36);
    expect(walk.claims.length).toBeLessThanOrEqual(41);
    expect(player.self().z).toBeGreaterThan(3.4);
    expect(walk.claims.map((claim) => claim.sequence)).toEqual(walk.claims.map((_, i) => i));
    player.setIntent(still);
    const stop = run(player, walk.now, 3000);
    expect(stop.claims[0]?.vz_mm_s).toBe(0);
    // The stop, then one sign of life a second.
    expect(stop.claims.length).toBeLessThanOrEqual(4);
    expect(stop.claims.length).toBeGreaterThanOrEqual(3);
  });

  it("takes the same path whatever the frame rate", () => {
    const [slow, fast] = [make(), make()];
    for (const player of [slow, fast]) player.setIntent(ahead);
    for (let now = 0; now <= 1000; now += 50) slow.update(now);
    for (let now = 0; now <= 1000; now += 5) fast.update(now);
    expect(Math.abs(slow.self().z - fast.self().z)).toBeLessThan(0.04);
  });

  it("slides to where a correction puts it within about 150 ms, and counts from the new epoch", () => {
    const player = make();
    player.setIntent(ahead);
    const { now } = run(player, 0, 1000);
    player.setIntent(still);
    const before = player.self().z;
    player.correct({ epoch: 4, x: 0, y: 0, z: before - 1, yaw: 0 });
    expect(player.self().z).toBeCloseTo(before, 5);
    const { claims } = run(player, now, 150);
    expect(Math.abs(player.self().z - (before - 1))).toBeLessThan(0.08);
    expect(claims[0]).toMatchObject({ epoch: 4, z_mm: Math.round((before - 1) * 1000) });
  });

  it("jumps to a far place instead of sliding through the world", () => {
    const player = make();
    player.correct({ epoch: 4, x: 100, y: 0, z: 0, yaw: 1 });
    expect(player.self()).toMatchObject({ x: 100, yaw: 1 });
  });

  it("turns as it was told when it is put somewhere, until it walks, and goes on sitting there", () => {
    const player = make();
    player.gesture(Gesture.sit, 0);
    player.correct({ epoch: 4, x: 1, y: 0, z: 0, yaw: 2, placed: true });
    const { claims, now } = run(player, 0, 600);
    expect(player.self().yaw).toBeCloseTo(2, 2);
    expect(claims.at(-1)).toMatchObject({ epoch: 4, gesture: Gesture.sit, x_mm: 1000 });
    player.setIntent(ahead);
    run(player, now, 600);
    expect(player.self().yaw).toBeCloseTo(0, 1);
    expect(player.gestureShown).toBe(Gesture.none);
  });

  it("does not catch up after a pause", () => {
    const player = make();
    player.setIntent(ahead);
    player.update(0);
    player.update(60_000);
    expect(player.self().z).toBeLessThan(1);
  });

  it("turns towards where it walks, or looks where its eyes look", () => {
    const player = make();
    player.setIntent({ ...still, moveX: 1 });
    const { now } = run(player, 0, 1000);
    expect(player.self().yaw).toBeCloseTo(Math.PI / 2, 2);
    player.facing = -1;
    run(player, now, 100);
    expect(player.self().yaw).toBeCloseTo(-1, 5);
  });

  it("ends a gesture by walking, by choosing it again, or after its time; sitting stays", () => {
    const player = make();
    player.gesture(Gesture.sit, 0);
    const sat = run(player, 0, 20_000);
    expect(player.self().animation).toBe(4);
    expect(sat.claims[0]?.gesture).toBe(Gesture.sit);
    player.setIntent(ahead);
    run(player, sat.now, 100);
    expect(player.self().animation).toBe(1);
    player.setIntent(still);
    player.gesture(Gesture.wave, sat.now + 200);
    const waved = run(player, sat.now + 200, 4000);
    expect(waved.claims.some((claim) => claim.gesture === Gesture.wave)).toBe(true);
    expect(player.gestureShown).toBe(Gesture.none);
  });
});
