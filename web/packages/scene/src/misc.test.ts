import { Vector3 } from "three";
import { describe, expect, it } from "vitest";
import { CameraRig } from "./camera.ts";
import { CollisionRays } from "./collision.ts";
import { openingPath } from "./gate.ts";
import { statedLength, usedExtensions } from "./gltf.ts";
import { isMood, moods, sunVector } from "./moods.ts";
import { otherSide } from "./picture.ts";
import { fit } from "./portals.ts";
import { snapToTexels } from "./sun.ts";
import { readColour } from "./things.ts";
import { compatibleClips } from "./world.ts";

const self = { entity: 1, x: 0, y: 0, z: 0, yaw: 0, animation: 0, speed: 0, grounded: true };

function settled(rig: CameraRig, seconds = 2): CameraRig {
  for (let t = 0; t < seconds; t += 1 / 60) rig.update(self, 1 / 60, 1.6, false);
  return rig;
}

describe("the camera", () => {
  it("stands 3.2 m behind at 1.7 m and looks the way of the yaw", () => {
    const rig = new CameraRig();
    rig.begin(self, false);
    rig.set({ pitch: 0, yaw: Math.PI / 2 });
    settled(rig);
    expect(rig.camera.position.x).toBeCloseTo(-3.2, 1);
    expect(rig.camera.position.y).toBeCloseTo(1.7, 1);
    const gaze = new Vector3(0, 0, -1).applyQuaternion(rig.camera.quaternion);
    expect(gaze.x).toBeCloseTo(1, 3);
  });

  it("comes nearer at once for a wall behind, and never passes it", () => {
    const rig = new CameraRig();
    rig.begin(self, false);
    settled(rig);
    rig.obstacles = new CollisionRays(new Float32Array([-50, -50, -1.5, 50, -50, -1.5, 0, 80, -1.5]));
    rig.update(self, 1 / 60, 1.6, false);
    expect(rig.camera.position.z).toBeGreaterThan(-1.5);
    rig.obstacles = null;
    rig.update(self, 1 / 60, 1.6, false);
    expect(rig.camera.position.z).toBeGreaterThan(-2.9);
    settled(rig);
    expect(rig.camera.position.z).toBeLessThan(-3.1);
  });

  it("goes into first person by zooming in, tells so, and comes back", () => {
    const rig = new CameraRig();
    const told: string[] = [];
    rig.onMode = (mode) => told.push(mode);
    rig.begin(self, false);
    for (let i = 0; i < 12; i++) rig.zoom(-1);
    settled(rig);
    expect(rig.inside).toBe(true);
    expect(rig.camera.position.y).toBeCloseTo(1.6, 1);
    expect(rig.camera.fov).toBeCloseTo(75, 0);
    rig.zoom(1);
    settled(rig);
    expect(rig.inside).toBe(false);
    expect(told).toEqual(["first", "third"]);
  });

  it("enters from above, and any touch ends that", () => {
    const flying = new CameraRig();
    flying.begin(self, true);
    flying.update(self, 1 / 60, 1.6, false);
    expect(flying.camera.position.y).toBeGreaterThan(5);
    flying.look(1, 0);
    settled(flying, 0.3);
    expect(flying.camera.position.y).toBeLessThan(2.6);
  });
});

describe("shadow cascades", () => {
  it("move in whole texels", () => {
    const [right, up, forward] = [new Vector3(1, 0, 0), new Vector3(0, 0.8, 0.6), new Vector3(0, -0.6, 0.8)];
    for (let i = 0; i < 50; i++) {
      const at = snapToTexels(new Vector3(i * 0.137, i * 0.031, -i * 0.211), right, up, forward, 0.05);
      for (const axis of [right, up]) {
        const texels = at.dot(axis) / 0.05;
        expect(Math.abs(texels - Math.round(texels))).toBeLessThan(1e-6);
      }
      expect(at.distanceTo(new Vector3(i * 0.137, i * 0.031, -i * 0.211))).toBeLessThan(0.05);
    }
  });
});

describe("moods", () => {
  it("have the sun above the horizon", () => {
    for (const look of Object.values(moods)) {
      const [x, y, z] = sunVector(look);
      expect(y).toBeGreaterThan(0.2);
      expect(Math.hypot(x, y, z)).toBeCloseTo(1);
    }
    expect(isMood("golden")).toBe(true);
    expect(isMood("toString")).toBe(false);
  });
});

describe("files", () => {
  it("state their length and their extensions", () => {
    const json = new TextEncoder().encode(JSON.stringify({ extensionsUsed: ["KHR_texture_basisu"] }));
    const bytes = new Uint8Array(20 + json.length);
    const view = new DataView(bytes.buffer);
    [0x46546c67, 2, bytes.length, json.length, 0x4e4f534a].forEach((word, i) => view.setUint32(4 * i, word, true));
    bytes.set(json, 20);
    expect(statedLength(bytes.subarray(0, 30))).toBe(bytes.length);
    expect(usedExtensions(bytes.buffer)).toEqual(["KHR_texture_basisu"]);
    expect(statedLength(new Uint8Array(40))).toBe(0);
    expect(usedExtensions(new ArrayBuffer(3))).toEqual([]);
  });
});

describe("clips of a scene", () => {
  const clip = (name: string, ...tracks: string[]) => ({ name, tracks: tracks.map((track) => ({ name: track })) });
  it("all play, but only one for each thing that moves", () => {
    const clips = [
      clip("Dance", "arm.rotation", "leg.rotation"),
      clip("Idle", "arm.rotation"),
      clip("Mill", "sail.rotation"),
    ];
    expect(compatibleClips(clips).map((one) => one.name)).toEqual(["Idle", "Mill"]);
    expect(compatibleClips([])).toEqual([]);
  });
});

describe("gates and signs", () => {
  it("have an opening of the asked size", () => {
    const path = openingPath(2.6, 3);
    expect(Math.min(...path.map((p) => p.x))).toBeCloseTo(-1.3);
    expect(Math.max(...path.map((p) => p.y))).toBeCloseTo(3);
    for (const p of path) expect(Math.hypot(p.nx, p.ny)).toBeCloseTo(1);
  });

  it("cut long names, whole letters at a time", () => {
    const measure = (text: string) => [...text].length * 10;
    expect(fit("Garden", 100, measure)).toBe("Garden");
    expect(fit("A very long name", 100, measure)).toBe("A very lo…");
    expect([...fit("花园花园花园花园花园花园", 50, measure)].length).toBeLessThanOrEqual(5);
  });

  it("know where the other side's scene is", () => {
    expect(otherSide({ world: "a b" }, "https://h")).toEqual({
      scene: "https://h/worlds/a%20b/scene.glb",
      mood: "noon",
    });
    expect(otherSide({ world: "a", mood: "night", position: [1, 2, 3], yaw: 1 }, "").mood).toBe("night");
  });

  it("take only real colours", () => {
    expect(readColour("#ff0000")?.r).toBe(1);
    expect(readColour("url(x)")).toBeNull();
    expect(readColour(undefined)).toBeNull();
  });
});
