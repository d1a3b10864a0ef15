// The picture of another world for a portal's gate: its scene is loaded, drawn once from where visitors arrive, and let
// go.

import {
  HalfFloatType,
  LinearFilter,
  LinearMipmapLinearFilter,
  PerspectiveCamera,
  Scene,
  type Texture,
  Vector3,
  WebGLRenderTarget,
  type WebGLRenderer,
} from "three";
import type { Mood, Portal } from "@manyworlds/protocol";
import { createAir } from "./air.ts";
import type { Models } from "./gltf.ts";
import { isMood, moods } from "./moods.ts";
import { Sky } from "./sky.ts";
import { Sun } from "./sun.ts";
import { buildWorld, LampLights } from "./world.ts";

/** What the host may say about the other side; whatever is missing is found in the scene itself, or guessed. */
export interface OtherSide {
  scene: string;
  mood: Mood;
  position?: [number, number, number];
  yaw?: number;
}

const side = 512;

/** A host says so much of worlds that are open; of others the scene is guessed, and found missing. */
export function otherSide(to: Extract<Portal["to"], { world: string }>, base: string): OtherSide {
  return {
    scene: base + (to.scene ?? `/worlds/${encodeURIComponent(to.world)}/scene.glb`),
    mood: isMood(to.mood) ? to.mood : "noon",
    ...(to.position ? { position: to.position } : {}),
    ...(to.yaw === undefined ? {} : { yaw: to.yaw }),
  };
}

export async function takePicture(
  renderer: WebGLRenderer,
  models: Models,
  other: OtherSide,
): Promise<{ texture: Texture; dispose(): void }> {
  const gltf = await models.load(other.scene);
  const air = createAir();
  const look = moods[other.mood];
  air.set(look);
  const scene = new Scene();
  const world = buildWorld(gltf, air, true);
  const sky = new Sky(air);
  sky.set(look);
  const sun = new Sun(scene);
  const shadows = renderer.shadowMap.enabled;
  if (shadows) sun.setShadows({ radii: [34], mapSize: 1024, every: [1] });
  sun.set(look, air.sun);
  scene.add(world.root, sky.mesh);
  const camera = new PerspectiveCamera(72, 1, 0.1, 900);
  const from = other.position ? new Vector3(...other.position) : (world.spawn?.position ?? new Vector3(0, 0, 12));
  const yaw = other.yaw ?? world.spawn?.yaw ?? Math.PI;
  camera.position.copy(from).setY(from.y + 1.75);
  camera.rotation.set(-0.02, yaw + Math.PI, 0, "YXZ");
  camera.updateMatrixWorld();
  sun.follow(from, Math.sin(yaw), Math.cos(yaw));
  world.seenFrom(camera.position);
  const lamps = new LampLights();
  lamps.setLamps(world.lamps, look.lamps);
  lamps.setPool(lamps.wanted(2));
  lamps.update(from);
  scene.add(lamps.group);
  const target = new WebGLRenderTarget(side, side, {
    type: HalfFloatType,
    samples: 4,
    generateMipmaps: true,
    minFilter: LinearMipmapLinearFilter,
    magFilter: LinearFilter,
  });
  try {
    await renderer.compileAsync(scene, camera);
    renderer.setRenderTarget(target);
    renderer.render(scene, camera);
  } finally {
    renderer.setRenderTarget(null);
    world.dispose();
    sky.dispose();
    sun.dispose();
  }
  return { texture: target.texture, dispose: () => target.dispose() };
}
