// The visitor's eye: over the shoulder or through the visitor's own eyes, never behind a wall. It comes nearer at once
// when something stands in the way and goes back out gently. The entry is a short flight from above, which any touch
// ends.

import { PerspectiveCamera, Vector3 } from "three";
import type { Rays } from "./obstacles.ts";
import type { CameraMode, SelfState } from "./types.ts";

export const third = { distance: 3.2, height: 1.7, fov: 60 };
export const first = { height: 1.6, fov: 75 };
const nearest = 1.4;
const farthest = 9;
const easeSeconds = 0.12;
const entrySeconds = 0.9;
/** Room that the eye keeps from walls: a little more than the near plane's corners. */
const clearance = 0.22;
/** Sideways share of the way back, in a wide window. */
const shoulder = 0.085;
const radiansPerPixel = 0.0042;

const ease = (now: number, wanted: number, seconds: number, time: number): number =>
  now + (wanted - now) * (1 - Math.exp(-seconds / (time / 3)));

export class CameraRig {
  readonly camera = new PerspectiveCamera(third.fov, 1, 0.08, 1600);
  mode: CameraMode = "third";
  onMode: ((mode: CameraMode) => void) | null = null;
  yaw = 0;
  pitch = -0.1;
  obstacles: Rays | null = null;
  private wanted = third.distance;
  private distance = third.distance;
  private reach = third.distance;
  private height = third.height;
  private fov = third.fov;
  private aside = 0;
  private entry = 0;
  private placed = false;
  private readonly focus = new Vector3();
  private readonly back = new Vector3();

  /** What the camera turns round. */
  get target(): Vector3 {
    return this.focus;
  }

  get distanceNow(): number {
    return this.reach;
  }

  /** Shows nothing of oneself. */
  get inside(): boolean {
    return this.reach < 0.55;
  }

  begin(self: { x: number; y: number; z: number; yaw: number }, flight: boolean): void {
    this.yaw = self.yaw;
    this.pitch = -0.1;
    this.focus.set(self.x, self.y + this.height, self.z);
    this.distance = this.reach = this.wanted;
    this.entry = flight ? 1 : 0;
    this.placed = true;
  }

  skip(): void {
    this.entry = Math.min(this.entry, 0.12);
  }

  look(dx: number, dy: number): void {
    this.skip();
    this.yaw -= dx * radiansPerPixel;
    this.pitch = Math.min(Math.max(this.pitch - dy * radiansPerPixel, -1.35), this.mode === "first" ? 1.35 : 0.75);
  }

  zoom(steps: number): void {
    this.skip();
    if (this.mode === "first") {
      if (steps > 0) this.setMode("third", nearest);
      return;
    }
    const next = this.wanted * 1.14 ** steps;
    if (steps < 0 && next < nearest) this.setMode("first");
    else this.wanted = Math.min(Math.max(next, nearest), farthest);
  }

  setMode(mode: CameraMode, distance?: number): void {
    if (distance !== undefined) this.wanted = Math.min(Math.max(distance, nearest), farthest);
    if (mode === this.mode) return;
    this.mode = mode;
    if (mode === "third") this.wanted = Math.max(this.wanted, nearest);
    this.onMode?.(mode);
  }

  set(options: { mode?: CameraMode; distance?: number; yaw?: number; pitch?: number }): void {
    if (options.distance !== undefined) this.setMode(this.mode, options.distance);
    if (options.mode) this.setMode(options.mode);
    if (options.yaw !== undefined) this.yaw = options.yaw;
    if (options.pitch !== undefined) this.pitch = options.pitch;
  }

  update(self: SelfState | null, seconds: number, aspect: number, reducedMotion: boolean): void {
    const inFirst = this.mode === "first";
    const time = reducedMotion ? 0.001 : easeSeconds;
    this.distance = ease(this.distance, inFirst ? 0 : this.wanted, seconds, time);
    this.height = ease(this.height, inFirst ? first.height : third.height, seconds, time);
    // A tall window sees too little to the sides: it gets a wider angle.
    const tall = Math.max(0, Math.min(1, (1 - aspect) / 0.55));
    this.aside = shoulder * (1 - tall);
    this.fov = ease(this.fov, (inFirst ? first.fov : third.fov) + 12 * tall, seconds, time);
    if (self) this.followSelf(self, seconds, time);
    this.place(seconds, time);
    const { camera } = this;
    if (camera.aspect !== aspect || Math.abs(camera.fov - this.fov) > 1e-3) {
      camera.aspect = aspect;
      camera.fov = this.fov;
      camera.updateProjectionMatrix();
    }
    camera.updateMatrixWorld();
  }

  private followSelf(self: SelfState, seconds: number, time: number): void {
    if (!this.placed) this.begin(self, false);
    const far = Math.hypot(self.x - this.focus.x, self.z - this.focus.z) > 6;
    // Steps up and down are smoothed; over the ground the eye keeps up exactly, or walking would look like swimming.
    this.focus.x = self.x;
    this.focus.z = self.z;
    const y = self.y + this.height;
    this.focus.y = far ? y : ease(this.focus.y, y, seconds, time * 1.5);
  }

  private place(seconds: number, time: number): void {
    const { back, camera, focus } = this;
    this.entry = Math.max(0, this.entry - seconds / entrySeconds);
    const e = this.entry * this.entry * (3 - 2 * this.entry);
    const pitch = this.pitch * (1 - e) - 0.62 * e;
    const cos = Math.cos(pitch);
    // A little over the right shoulder, so that the visitor does not hide what lies ahead.
    const aside = this.aside * (1 - e);
    const [sin, cosYaw] = [Math.sin(this.yaw), Math.cos(this.yaw)];
    back.set(-sin * cos - cosYaw * aside, -Math.sin(pitch), -cosYaw * cos + sin * aside).normalize();
    const wanted = this.distance + 11 * e;
    const free = this.freeWay(wanted);
    this.reach = free < this.reach ? free : Math.min(free, ease(this.reach, wanted, seconds, time));
    if (e > 0) this.reach = free;
    camera.position.copy(focus).addScaledVector(back, this.reach);
    camera.rotation.set(pitch, this.yaw + Math.PI, 0, "YXZ");
  }

  /** How far the eye may go back: five rays, the middle and the corners of what the near plane covers. */
  private freeWay(wanted: number): number {
    const rays = this.obstacles;
    if (!rays || wanted < 0.05) return wanted;
    const { back, focus } = this;
    const [rx, rz] = [Math.cos(this.yaw) * 0.16, -Math.sin(this.yaw) * 0.16];
    let free = wanted;
    for (let k = 0; k < 5; k++) {
      const side = k === 0 ? 0 : k < 3 ? 1 : -1;
      const up = k === 0 ? 0 : k % 2 === 1 ? 0.12 : -0.12;
      const hit = rays.cast(
        focus.x + rx * side,
        focus.y + up,
        focus.z + rz * side,
        back.x,
        back.y,
        back.z,
        wanted + clearance,
      );
      free = Math.min(free, hit - clearance);
    }
    return Math.max(free, 0.1);
  }
}
