// The scene of a world: its glTF dressed for the air, its clips playing, and its lamps. Of many lamps only the nearest
// few are real lights; each of them also shows as a soft halo and a pool of light on the ground, which cost next to
// nothing.

import {
  AnimationMixer,
  Group,
  InstancedBufferAttribute,
  InstancedMesh,
  type Light,
  type Material,
  Mesh,
  type Object3D,
  PointLight,
  type Texture,
  Vector3,
} from "three";
import type { GLTF } from "three/examples/jsm/loaders/GLTFLoader.js";
import type { Air } from "./air.ts";
import { readSeats, type Seats } from "./crowd/seats.ts";
import { castsShadow, dress, dressingOf, isShade, mattWhereEnough } from "./dress.ts";

export interface Lamp {
  position: Vector3;
  colour: [number, number, number];
  /** Candela, as in KHR_lights_punctual. */
  intensity: number;
  range: number;
  /** A light of the file itself burns at any hour; a kit's lamps burn by mood. */
  always: boolean;
}

export interface WorldScene {
  readonly root: Group;
  readonly lamps: Lamp[];
  /** From OMI_spawn_point or a kit's extras, when the file has one. */
  readonly spawn: { position: Vector3; yaw: number } | null;
  update(seconds: number): void;
  /** Heights of the rows of numbered seats (src/kit/seats.h): who sits there has a seat. */
  readonly rows: readonly number[];
  readonly seats: Seats | null;
  /** Shows of each place the level of detail that is meant for so far away. */
  seenFrom(eye: Vector3): void;
  dispose(): void;
}

/** Replaces each material once, whatever the number of meshes that share it. */
export function dressTree(root: Object3D, air: Air, cheap: boolean): Set<Material> {
  const dressed = new Map<Material, Material>();
  const one = (source: Material): Material => {
    const known = dressed.get(source);
    if (known) return known;
    const material = mattWhereEnough(source, cheap);
    const dressing = dressingOf(source);
    dress(material, air, cheap && dressing === "leaf" ? "plain" : dressing);
    dressed.set(source, material);
    return material;
  };
  root.traverse((object) => {
    if (!(object instanceof Mesh)) return;
    object.material = Array.isArray(object.material) ? object.material.map(one) : one(object.material as Material);
    const first = (Array.isArray(object.material) ? object.material[0] : object.material) as Material;
    object.castShadow = castsShadow(first);
    object.receiveShadow = !isShade(first);
    if (isShade(first)) object.renderOrder = 4;
    if (object instanceof InstancedMesh) {
      // With a colour each, all instanced meshes share their programs.
      object.instanceColor ??= new InstancedBufferAttribute(new Float32Array(object.count * 3).fill(1), 3);
      object.computeBoundingSphere();
    }
  });
  return new Set(dressed.values());
}

export function disposeTree(root: Object3D): void {
  root.traverse((object) => {
    if (!(object instanceof Mesh)) return;
    object.geometry.dispose();
    for (const material of Array.isArray(object.material) ? object.material : [object.material]) {
      for (const value of Object.values(material as Record<string, unknown>)) {
        if (value && typeof value === "object" && "isTexture" in value) (value as Texture).dispose();
      }
      (material as Material).dispose();
    }
    if (object instanceof InstancedMesh) object.dispose();
  });
}

function takeLamps(root: Object3D): Lamp[] {
  const lamps: Lamp[] = [];
  const lights: Light[] = [];
  root.traverse((object) => {
    if ("isLight" in object) lights.push(object as Light);
  });
  for (const light of lights) {
    // A sun in the file is left out: the world's sky has one.
    if ("isPointLight" in light || "isSpotLight" in light) {
      const range = (light as PointLight).distance;
      lamps.push({
        position: light.getWorldPosition(new Vector3()),
        colour: light.color.toArray() as [number, number, number],
        intensity: light.intensity,
        range: range > 0 ? range : 14,
        always: true,
      });
    }
    light.removeFromParent();
  }
  return lamps;
}

/** The kit's scenes list their lamps beside the scene: hundreds of light nodes would only be taken out again. */
function listedLamps(gltf: GLTF): Lamp[] {
  const { extras } = gltf.asset as { extras?: { manyworlds?: { lamps?: unknown } } };
  const list = extras?.manyworlds?.lamps;
  if (!Array.isArray(list)) return [];
  return list
    .filter((at): at is number[] => Array.isArray(at) && (at.length === 3 || at.length === 5) && at.every(Number.isFinite))
    .map(([x = 0, y = 0, z = 0, intensity, range]) => {
      const position = new Vector3(x, y, z);
      // A floodlight is nearly white, and says itself how bright it is and how far it reaches.
      if (intensity !== undefined && range !== undefined)
        return { position, colour: [1, 0.95, 0.86], intensity, range, always: false };
      return { position, colour: [1, 0.74, 0.44], intensity: 19, range: 13, always: false };
    });
}

/** Of the plan of seats that a stadium brings. */
export function rowHeights(asset: unknown): number[] {
  type Plan = { extras?: { manyworlds?: { seats?: { tiers?: { rows?: unknown[][] }[] } } } };
  const tiers = (asset as Plan).extras?.manyworlds?.seats?.tiers;
  if (!Array.isArray(tiers)) return [];
  return tiers.flatMap(({ rows }) => (Array.isArray(rows) ? rows.map((row) => Number(row?.[1])) : [])).filter(Number.isFinite);
}

/** A level of detail of one place: drawn while the eye is at least `from` and less than `to` metres from `middle`. */
export interface Seen {
  object: Object3D;
  middle: Vector3;
  from: number;
  to: number;
}

export function levelsOf(root: Object3D): Seen[] {
  const levels: Seen[] = [];
  root.traverse((object) => {
    const { seen } = (object.userData as { manyworlds?: { seen?: unknown } }).manyworlds ?? {};
    if (!Array.isArray(seen) || seen.length < 4 || seen.length > 5 || !seen.every(Number.isFinite)) return;
    const [x, y, z, from, to] = seen as [number, number, number, number, number?];
    levels.push({ object, middle: new Vector3(x, y, z), from, to: to ?? Infinity });
  });
  return levels;
}

export function showLevels(levels: readonly Seen[], eye: Vector3): void {
  for (const { object, middle, from, to } of levels) {
    const distance = eye.distanceTo(middle);
    object.visible = distance >= from && distance < to;
  }
}

function findSpawn(gltf: GLTF): WorldScene["spawn"] {
  const { extras } = gltf.asset as { extras?: { manyworlds?: { spawn?: unknown } } };
  const listed = extras?.manyworlds?.spawn;
  if (Array.isArray(listed) && listed.length === 4 && listed.every(Number.isFinite)) {
    const [x, y, z, yaw] = listed as [number, number, number, number];
    return { position: new Vector3(x, y, z), yaw };
  }
  const nodes = (gltf.parser.json as { nodes?: { extensions?: Record<string, unknown> }[] }).nodes ?? [];
  const index = nodes.findIndex((node) => node.extensions?.["OMI_spawn_point"]);
  if (index < 0) return null;
  let found: WorldScene["spawn"] = null;
  gltf.scene.traverse((object) => {
    if (gltf.parser.associations.get(object)?.nodes !== index) return;
    const position = object.getWorldPosition(new Vector3());
    // glTF looks along +z; so does OMI_spawn_point.
    const ahead = new Vector3(0, 0, 1).transformDirection(object.matrixWorld);
    found = { position, yaw: Math.atan2(ahead.x, ahead.z) };
  });
  return found;
}

/** Nothing in a scene moves by itself but what a clip moves: the others need no new matrix each frame. */
function freeze(root: Object3D, moving: ReadonlySet<string>): void {
  root.updateMatrixWorld(true);
  const visit = (object: Object3D, free: boolean): void => {
    const moves = free || moving.has(object.name) || moving.has(object.uuid);
    object.matrixAutoUpdate = moves;
    object.matrixWorldAutoUpdate = moves || moving.size > 0;
    for (const child of object.children) visit(child, moves);
  };
  visit(root, false);
}

/**
 * All clips play, but of those that move the same thing only one can: the idle one of a figure, else the first.
 * A clip is known by the values it drives. Pure: tested.
 */
export function compatibleClips<T extends { name: string; tracks: readonly { name: string }[] }>(
  clips: readonly T[],
): T[] {
  const taken = new Set<string>();
  const calm = (clip: T): number => (/idle|loop|default/i.test(clip.name) ? 0 : 1);
  return [...clips]
    .sort((a, b) => calm(a) - calm(b))
    .filter((clip) => {
      if (clip.tracks.some((track) => taken.has(track.name))) return false;
      for (const track of clip.tracks) taken.add(track.name);
      return true;
    });
}

export function buildWorld(gltf: GLTF, air: Air, cheap: boolean): WorldScene {
  const root = new Group();
  root.name = "world";
  root.add(gltf.scene);
  root.updateMatrixWorld(true);
  const lamps = [...takeLamps(root), ...listedLamps(gltf)];
  const spawn = findSpawn(gltf);
  dressTree(root, air, cheap);
  const mixer = gltf.animations.length > 0 ? new AnimationMixer(gltf.scene) : null;
  const moving = new Set<string>();
  for (const clip of compatibleClips(gltf.animations)) {
    mixer?.clipAction(clip).play();
    for (const track of clip.tracks) moving.add(track.name.split(".")[0] ?? "");
  }
  freeze(root, moving);
  const levels = levelsOf(root);
  return {
    root,
    lamps,
    spawn,
    rows: rowHeights(gltf.asset),
    seats: readSeats(gltf.asset),
    update: (seconds) => mixer?.update(seconds),
    seenFrom(eye) {
      showLevels(levels, eye);
    },
    dispose() {
      mixer?.stopAllAction();
      disposeTree(root);
    },
  };
}

/** A lamp that reaches farther, m, lights a whole place: it keeps its light wherever one stands, and has no pool of it. */
export const wideRange = 60;

/** Candela of all floodlights of a full stadium. */
const fullFlood = 4000;

/** A fixed number of lights that move to the nearest lamps, so that no shader is ever compiled for another number. */
export class LampLights {
  readonly group = new Group();
  private pool: PointLight[] = [];
  private brightness = 0;
  /** The pool or the lamps have changed since the last update. */
  stale = false;
  private readonly order: { lamp: Lamp; distance: number }[] = [];

  setPool(size: number): void {
    if (size === this.pool.length) return;
    for (const light of this.pool) light.removeFromParent();
    this.pool = Array.from({ length: size }, () => new PointLight(0xffffff, 0, 14, 1.6));
    this.stale = true;
    if (size > 0) this.group.add(...this.pool);
  }

  setLamps(lamps: Lamp[], brightness: number): void {
    this.stale = true;
    this.brightness = brightness;
    this.order.length = 0;
    // Real lights are worth it only where lamps burn.
    for (const lamp of lamps) if (lamp.always || brightness > 0.5) this.order.push({ lamp, distance: 0 });
  }

  /** How much of a place lies under floodlights, 0 to 1: those of the kit's stadium together are 1. */
  get flooded(): number {
    const wide = this.order.filter(({ lamp }) => lamp.range > wideRange);
    const candela = wide.reduce((sum, { lamp }) => sum + lamp.intensity * (lamp.always ? 1 : this.brightness), 0);
    return Math.min(1, candela / fullFlood);
  }

  wanted(limit: number): number {
    return Math.min(limit, this.order.length);
  }

  /** A few times a second is enough: a lamp takes its light over while the visitor is far from it. */
  update(focus: Vector3): void {
    this.stale = false;
    if (this.pool.length === 0) return;
    for (const entry of this.order)
      entry.distance = entry.lamp.range > wideRange ? 0 : entry.lamp.position.distanceToSquared(focus);
    this.order.sort((a, b) => a.distance - b.distance);
    // The farthest of the chosen fades out where the next one would take its place.
    const reach = Math.sqrt(this.order[this.pool.length]?.distance ?? 1e9);
    this.pool.forEach((light, i) => {
      const entry = this.order[i];
      if (!entry) {
        light.intensity = 0;
        return;
      }
      const wide = entry.lamp.range > wideRange;
      const fade = wide ? 1 : Math.min(1, Math.max(0, (reach - Math.sqrt(entry.distance)) / 4));
      light.position.copy(entry.lamp.position);
      light.updateMatrixWorld();
      light.color.setRGB(...entry.lamp.colour);
      light.intensity = entry.lamp.intensity * (entry.lamp.always ? 1 : this.brightness) * fade;
      light.distance = entry.lamp.range;
    });
  }
}
