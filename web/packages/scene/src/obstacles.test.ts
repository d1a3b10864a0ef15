import { describe, expect, it } from "vitest";
import type { Thing } from "@manyworlds/protocol";
import { CameraRig } from "./camera.ts";
import { Obstacles, type Rays, seatBehind } from "./obstacles.ts";

/** A collision file of one upright wall, 2 m wide and 3 m high, 1 m before the model's middle (towards +z). */
function wall(): ArrayBuffer {
  const corners = [-1, 0, 1, 1, 0, 1, 1, 3, 1, -1, 3, 1];
  const triangles = [0, 1, 2, 0, 2, 3];
  const bytes = new ArrayBuffer(16 + 4 * (corners.length + triangles.length));
  const view = new DataView(bytes);
  [0x4243574d, 1, corners.length / 3, triangles.length / 3].forEach((word, i) => view.setUint32(4 * i, word, true));
  corners.forEach((metres, i) => view.setInt32(16 + 4 * i, metres * 1000, true));
  triangles.forEach((vertex, i) => view.setUint32(16 + 4 * (corners.length + i), vertex, true));
  return bytes;
}

const model = (name: string, collision: string | null) => ({ name, collision, title: { en: name, zh: name }, url: "" });
const thing = (entity: number, changes: Partial<Thing> = {}): Thing =>
  ({ entity, model: "wall", position: [0, 0, 0], yaw: 0, scale: 1, by: "1", ...changes }) as Thing;

function made(): { obstacles: Obstacles; asked: string[] } {
  const asked: string[] = [];
  const obstacles = new Obstacles((url) => {
    asked.push(url);
    return url.endsWith("lost") ? Promise.reject(new Error("gone")) : Promise.resolve(wall());
  });
  obstacles.setCatalogue([model("wall", "/wall"), model("grass", null), model("lost", "/lost")], "http://host");
  return { obstacles, asked };
}

const settled = () => new Promise((resolve) => setTimeout(resolve));

describe("things in the way of the eye", () => {
  it("stop a ray where they stand, turned and scaled, from far too", async () => {
    const { obstacles, asked } = made();
    obstacles.set(thing(1, { position: [20, 0, -3], yaw: Math.PI / 2, scale: 2 }));
    obstacles.set(thing(2, { position: [-40, 0, 0] }));
    await settled();
    expect(asked).toEqual(["http://host/wall"]);
    // Turned to +x and twice as large: the wall stands at x = 22, from z = -5 to -1.
    expect(obstacles.cast(0, 1, -3, 1, 0, 0, 100)).toBeCloseTo(22);
    expect(obstacles.cast(60, 5.9, -1.1, -1, 0, 0, 100)).toBeCloseTo(38);
    expect(obstacles.cast(0, 1, -0.9, 1, 0, 0, 100)).toBe(100);
    expect(obstacles.cast(0, 6.1, -3, 1, 0, 0, 100)).toBe(100);
    expect(obstacles.cast(-40, 1, 90, 0, 0, -1, 100)).toBeCloseTo(89);
    expect(obstacles.cast(22, 9, -3, 0, -1, 0, 100)).toBe(100);
  });

  it("follow changes, and are gone with the thing or the world", async () => {
    const { obstacles } = made();
    const ahead = () => obstacles.cast(0, 1, 0, 0, 0, 1, 30);
    obstacles.set(thing(1));
    obstacles.set(thing(1, { position: [0, 0, 9] }));
    await settled();
    expect(ahead()).toBeCloseTo(10);
    obstacles.set(thing(1, { model: "grass" }));
    expect(ahead()).toBe(30);
    obstacles.set(thing(2));
    await settled();
    expect(ahead()).toBeCloseTo(1);
    obstacles.remove(2);
    expect(ahead()).toBe(30);
    obstacles.set(thing(3));
    obstacles.remove(3);
    await settled();
    expect(ahead()).toBe(30);
    obstacles.set(thing(4));
    obstacles.set(thing(5, { model: "lost" }));
    await settled();
    obstacles.clear();
    expect(ahead()).toBe(30);
  });

  it("hold the chase camera off as walls do", async () => {
    const { obstacles } = made();
    const rig = new CameraRig();
    rig.obstacles = obstacles;
    const self = { entity: 1, x: 0, y: 0, z: 0, yaw: 0, animation: 0, speed: 0, grounded: true };
    rig.begin(self, false);
    for (let i = 0; i < 120; i++) rig.update(self, 1 / 60, 1.6, false);
    expect(rig.camera.position.z).toBeLessThan(-2.5);
    // Right behind the visitor: its wall faces them 1 m away.
    obstacles.set(thing(1, { position: [0, 0, -2] }));
    await settled();
    rig.update(self, 1 / 60, 1.6, false);
    expect(rig.camera.position.z).toBeGreaterThan(-1);
  });
});

describe("a seat behind somebody", () => {
  /** A bench, 45 cm high, whose front edge lies at z = 0.24, and the ground. */
  const bench: Rays = {
    cast(_ox, oy, oz, _dx, dy, dz, reach) {
      const over = oz < 0.24 && oz > -0.25;
      if (dy < 0) return Math.min(reach, oy - (over ? 0.45 : 0));
      return dz < 0 && oz > 0.24 && oy < 0.45 ? Math.min(reach, oz - 0.24) : reach;
    },
  };

  it("is found in front of a bench, and nowhere else", () => {
    expect(seatBehind(bench, 0, 0, 0.55, 0)).toBeCloseTo(0.31);
    // Standing at the very place where the edge is near enough, the body needs no shift.
    expect(seatBehind(bench, 0, 0, 0.65, 0)).toBe(0);
    expect(seatBehind(bench, 0, 0, 1.5, 0)).toBe(-1);
    expect(seatBehind(bench, 0, 0, 0.55, Math.PI)).toBe(-1);
  });
});
