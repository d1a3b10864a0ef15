// The sun and its shadow. Up to three cascades: boxes around the visitor, each in a map of its own, the nearest the
// sharpest. A box moves in whole texels of its map only, so that edges of shadows stand still while the visitor walks;
// the farther cascades are drawn again only every few frames.

import { Color, DirectionalLight, HemisphereLight, type OrthographicCamera, type Scene, Vector3 } from "three";
import type { MoodLook } from "./moods.ts";

export interface ShadowPlan {
  /** Half the width of each cascade's box, metres, nearest first. Empty: no shadow maps. */
  radii: readonly number[];
  mapSize: number;
  /** Frames between two drawings of each cascade. */
  every: readonly number[];
}

/** Layers of what only casts: people near and people further off. */
export const NEAR_CASTERS = 3;
export const FAR_CASTERS = 4;

const floodAbove = new Color("#FFF4E2").multiplyScalar(0.95);
const floodBelow = new Color("#C9B89E").multiplyScalar(0.9);

/** Moves `centre` to the lattice of texels of the map, in the plane that faces the light. Pure: tested. */
export function snapToTexels(centre: Vector3, right: Vector3, up: Vector3, forward: Vector3, texel: number): Vector3 {
  const a = Math.round(centre.dot(right) / texel) * texel;
  const b = Math.round(centre.dot(up) / texel) * texel;
  const c = Math.round(centre.dot(forward) / texel) * texel;
  return centre.set(0, 0, 0).addScaledVector(right, a).addScaledVector(up, b).addScaledVector(forward, c);
}

export class Sun {
  readonly hemisphere = new HemisphereLight();
  private lights: DirectionalLight[] = [];
  private plan: ShadowPlan = { radii: [], mapSize: 0, every: [] };
  private look: MoodLook | null = null;
  private flooded = 0;
  private readonly direction = new Vector3(0, 1, 0);
  private readonly right = new Vector3(1, 0, 0);
  private readonly up = new Vector3(0, 0, 1);
  private readonly centre = new Vector3();
  private frame = 0;

  constructor(private readonly scene: Scene) {
    scene.add(this.hemisphere);
    this.setShadows(this.plan);
  }

  set(look: MoodLook, direction: Vector3): void {
    this.look = look;
    this.direction.copy(direction);
    // A basis as the shadow camera will have it: it looks along -direction with y as its up.
    this.right.set(0, 1, 0).cross(direction).normalize();
    this.up.crossVectors(direction, this.right);
    this.lightAround(look);
    for (const light of this.lights) {
      light.color.set(look.sunColour);
      light.intensity = look.sunIntensity;
      light.shadow.needsUpdate = true;
    }
  }

  /**
   * Under floodlights, 0 to 1: light that comes back from field and stands, and from the lamps all round that two lights stand for.
   * Without it whatever turns its back to those two is black.
   */
  setFlooded(share: number): void {
    this.flooded = share;
    if (this.look) this.lightAround(this.look);
  }

  private lightAround(look: MoodLook): void {
    const { hemisphere, flooded } = this;
    hemisphere.intensity = 1;
    hemisphere.color.set(look.skyLight).multiplyScalar(look.hemisphere).add(floodAbove.clone().multiplyScalar(flooded));
    hemisphere.groundColor.set(look.groundLight).multiplyScalar(look.hemisphere).add(floodBelow.clone().multiplyScalar(flooded));
  }

  setShadows(plan: ShadowPlan): void {
    for (const light of this.lights) {
      this.scene.remove(light, light.target);
      light.dispose();
    }
    this.plan = plan;
    const count = Math.max(plan.radii.length, 1);
    this.lights = Array.from({ length: count }, (_, i) => this.makeLight(plan, i));
    if (this.look) this.set(this.look, this.direction.clone());
  }

  private makeLight(plan: ShadowPlan, i: number): DirectionalLight {
    const light = new DirectionalLight();
    this.scene.add(light, light.target);
    const radius = plan.radii[i];
    if (radius === undefined) return light;
    const shadow = light.shadow;
    const texel = (2 * radius) / plan.mapSize;
    light.castShadow = true;
    shadow.autoUpdate = false;
    shadow.needsUpdate = true;
    shadow.mapSize.set(plan.mapSize, plan.mapSize);
    shadow.bias = -0.00018 - 0.00006 * i;
    shadow.normalBias = 1.4 * texel + 0.006;
    // The same softness in metres at the seam of two cascades, as far as texels allow.
    shadow.radius = Math.max(1, 0.03 / texel);
    const camera: OrthographicCamera = shadow.camera;
    camera.left = camera.bottom = -radius;
    camera.right = camera.top = radius;
    camera.near = 1;
    camera.far = 160 + 2 * radius;
    if (i < 2) camera.layers.enable(NEAR_CASTERS);
    if (i === 1 || plan.radii.length === 1) camera.layers.enable(FAR_CASTERS);
    camera.updateProjectionMatrix();
    return light;
  }

  /** Places the cascades round the visitor, a little ahead of the gaze. */
  follow(focus: Vector3, gazeX: number, gazeZ: number): void {
    this.frame++;
    this.lights.forEach((light, i) => {
      const radius = this.plan.radii[i];
      const every = this.plan.every[i] ?? 1;
      if (radius === undefined) {
        light.position.copy(focus).add(this.direction);
        light.target.position.copy(focus);
        light.target.updateMatrixWorld();
        light.updateMatrixWorld();
        return;
      }
      if ((this.frame + i) % every !== 0 && !light.shadow.needsUpdate) return;
      const texel = (2 * radius) / this.plan.mapSize;
      this.centre.set(focus.x + gazeX * radius * 0.55, focus.y + 0.5, focus.z + gazeZ * radius * 0.55);
      snapToTexels(this.centre, this.right, this.up, this.direction, texel);
      light.target.position.copy(this.centre);
      light.position.copy(this.centre).addScaledVector(this.direction, 80 + radius);
      light.target.updateMatrixWorld();
      light.updateMatrixWorld();
      light.shadow.needsUpdate = true;
    });
  }

  dispose(): void {
    for (const light of this.lights) light.dispose();
  }
}
