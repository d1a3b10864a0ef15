// Figures of people's own in the picture: of the nearest who wear one, as many as the quality allows, at the level of detail that
// the distance asks for. Until a file is there, and for everybody else, the kit's figure is shown, which then makes way in a third of a second.
// The host has checked the files; here their number, their bytes and their triangles are bounded all the same, and one is read at a time.

import { Color, Group, type Material, Mesh, MeshLambertMaterial, type MeshStandardMaterial, type Object3D, type PerspectiveCamera, type Scene, type WebGLRenderer } from "three";
import type { GLTF } from "three/examples/jsm/loaders/GLTFLoader.js";
import type { Avatar, Person } from "@manyworlds/protocol";
import type { Air } from "../air.ts";
import type { Crowd } from "../crowd/crowd.ts";
import type { People } from "../crowd/people.ts";
import type { dress } from "../dress.ts";
import type { Models } from "../gltf.ts";
import type { Quality } from "../types.ts";
import { choose, type Plan, planFor } from "./choose.ts";
import { KitMotion, Rig } from "./retarget.ts";

export { KitMotion };

// Of the scene types alone: the first script must not be cut in two for this. What stands in it comes by way of a parameter.
export type Dress = typeof dress;
/** As in crowd/gait.ts; a test holds them together. */
export const HELD_SHARE = 0.999;

const fadeSeconds = 0.32;
/** Between two looks at who is near. */
const everySeconds = 0.4;
const retrySeconds = [2, 5, 15, 60] as const;
/** A file that claims more is not fetched, whatever the host says. */
const mostBytes = 16 * 1024 * 1024;
const mostTriangles = 160_000;
const key = "manyworlds.own-figures";

type Level = Avatar["levels"][number];

/** Whether figures of strangers' own are shown in this browser. */
export function showsStrangers(): boolean {
  try {
    return localStorage.getItem(key) !== "off";
  } catch {
    return true;
  }
}

export function setShowsStrangers(on: boolean): void {
  try {
    if (on) localStorage.removeItem(key);
    else localStorage.setItem(key, "off");
  } catch {
    // Not kept then: it holds for this page.
  }
}

/** Somebody's figure at one level, ready to be drawn. */
export class OwnFigure {
  readonly object = new Group();
  private readonly shown = { value: 1 };
  private readonly rig: Rig;

  private constructor(
    readonly gltf: GLTF,
    level: Level,
    nodes: ReadonlyMap<string, Object3D>,
    motion: KitMotion,
    air: Air,
    private readonly putInAir: Dress,
  ) {
    const fit = new Group();
    fit.scale.setScalar(level.scale);
    fit.rotation.y = level.turn;
    fit.position.set(level.offset[0] ?? 0, level.offset[1] ?? 0, level.offset[2] ?? 0);
    fit.add(gltf.scene);
    this.object.add(fit);
    gltf.scene.traverse((object) => {
      const mesh = object as Mesh;
      if (!mesh.isMesh) return;
      mesh.frustumCulled = false;
      mesh.receiveShadow = true;
      const list = Array.isArray(mesh.material) ? mesh.material : [mesh.material];
      const dressed = list.map((one) => this.dress(one, air));
      mesh.material = Array.isArray(mesh.material) ? dressed : dressed[0]!;
    });
    this.rig = new Rig(motion, this.object, nodes);
  }

  static async make(gltf: GLTF, level: Level, motion: KitMotion, air: Air, putInAir: Dress): Promise<OwnFigure> {
    const nodes = new Map<string, Object3D>();
    for (const [bone, index] of Object.entries(level.bones)) nodes.set(bone, (await gltf.parser.getDependency("node", index)) as Object3D);
    let triangles = 0;
    gltf.scene.traverse((object) => {
      const { geometry, isMesh } = object as Mesh;
      if (isMesh) triangles += (geometry.index?.count ?? geometry.getAttribute("position").count) / 3;
    });
    if (triangles > mostTriangles) throw new Error(`${Math.round(triangles)} triangles`);
    return new OwnFigure(gltf, level, nodes, motion, air, putInAir);
  }

  /** One light model for all: what a file asks for beyond colour and picture would not fit the world's light. */
  private dress(source: Material, air: Air): Material {
    const { name, color, map, side, alphaTest, vertexColors, emissive, emissiveMap, transparent } = source as MeshStandardMaterial;
    const material = new MeshLambertMaterial({
      name,
      color: color ?? new Color(1, 1, 1),
      map: map ?? null,
      side,
      vertexColors,
      emissive: emissive ?? new Color(0, 0, 0),
      emissiveMap: emissiveMap ?? null,
      // Hair and lashes are cut out: sorting see-through pieces of a hundred people is more than it is worth.
      alphaTest: alphaTest > 0 ? alphaTest : transparent ? 0.4 : 0,
    });
    this.putInAir(material, air, "plain", "own", {
      fragmentPars: "uniform float mwOwnShown;\n",
      replaceFragment: {
        color_fragment: `#include <color_fragment>
  float mwPattern = fract(52.9829189 * fract(dot(gl_FragCoord.xy, vec2(0.06711056, 0.00583715))));
  if (mwOwnShown < 0.99 && mwOwnShown < mwPattern) discard;`,
      },
    });
    const before = material.onBeforeCompile;
    material.onBeforeCompile = (shader, renderer) => {
      shader.uniforms["mwOwnShown"] = this.shown;
      before.call(material, shader, renderer);
    };
    return material;
  }

  /** As the person in the slot moves. */
  follow(people: People, slot: number): void {
    const at = slot * (people.pose.length / people.capacity);
    const { pose, rules, clock } = people;
    this.object.position.set(pose[at]!, pose[at + 1]!, pose[at + 2]!);
    this.object.rotation.y = pose[at + 3]!;
    let row = pose[at + 4]!;
    if (row < 0) {
      // The graphics card runs the clip of who rests (people.ts); so does this.
      const held = -1 - row;
      const clip = rules.clips[Math.floor(held)]!;
      const phase = (held % 1) / HELD_SHARE + clock / clip.seconds;
      row = clip.start + (phase - Math.floor(phase)) * clip.steps;
    }
    const share = pose[at + 6]!;
    this.rig.pose(row, Math.max(pose[at + 5]!, 0), share * share * (3 - 2 * share));
  }

  set share(value: number) {
    this.shown.value = value;
    this.object.visible = value > 0;
  }
  get share(): number {
    return this.shown.value;
  }

  dispose(): void {
    this.object.removeFromParent();
    this.object.traverse((object) => {
      const mesh = object as Mesh;
      if (!mesh.isMesh) return;
      mesh.geometry.dispose();
      for (const material of (Array.isArray(mesh.material) ? mesh.material : [mesh.material]) as MeshLambertMaterial[]) {
        material.map?.dispose();
        material.emissiveMap?.dispose();
        material.dispose();
      }
    });
  }
}

interface Wearer {
  entity: number;
  hash: string;
  about: Avatar | null;
  figure: OwnFigure | null;
  level: number;
  /** Of the levels before, on its way out. */
  leaving: OwnFigure | null;
  /** What it should be next; -1: the kit's. */
  wanted: number;
  failures: number;
  notBefore: number;
}

export class OwnFigures {
  readonly group = new Group();
  private readonly wearers = new Map<number, Wearer>();
  private motion: KitMotion | null = null;
  private crowd: Crowd | null = null;
  private time = 0;
  private looked = -1e9;
  private loading = false;
  private strangers = showsStrangers();

  constructor(
    private readonly renderer: WebGLRenderer,
    private readonly scene: Scene,
    private readonly camera: PerspectiveCamera,
    private readonly models: Models,
    private readonly air: Air,
    private readonly putInAir: Dress,
    /** Everybody who is told of. */
    private readonly people: ReadonlyMap<number, Person>,
    private readonly base: string,
    private readonly touch: boolean,
  ) {
    this.group.name = "own";
    scene.add(this.group);
  }

  /** Figures of strangers' own, from now on. */
  setStrangers(on: boolean): void {
    setShowsStrangers(on);
    this.strangers = on;
    this.looked = -1e9;
  }
  get showsStrangers(): boolean {
    return this.strangers;
  }
  /** How many are shown, how many of them have come in wholly, and how many triangles they have. */
  get drawn(): { figures: number; whole: number; triangles: number } {
    let [figures, whole, triangles] = [0, 0, 0];
    for (const { figure, about, level } of this.wearers.values()) {
      if (!figure) continue;
      figures++;
      if (figure.share === 1) whole++;
      triangles += about?.levels[level]?.triangles ?? 0;
    }
    return { figures, whole, triangles };
  }

  private setPerson(person: Person): void {
    const hash = person.avatar?.hash ?? "";
    const known = this.wearers.get(person.entity);
    if ((known?.hash ?? "") === hash) return;
    this.removePerson(person.entity);
    if (!/^[0-9a-f]{64}$/.test(hash)) return;
    this.wearers.set(person.entity, { entity: person.entity, hash, about: null, figure: null, level: -1, leaving: null, wanted: -1, failures: 0, notBefore: 0 });
  }

  private removePerson(entity: number): void {
    const known = this.wearers.get(entity);
    if (!known) return;
    known.figure?.dispose();
    known.leaving?.dispose();
    this.wearers.delete(entity);
    const slot = this.crowd?.people.slotOf(entity) ?? -1;
    if (slot >= 0) this.crowd?.tiers.covered.delete(slot);
  }

  /** Every frame, once people have moved and before they are sorted. `inside`: one looks through one's own eyes. */
  update(crowd: Crowd, quality: Quality, inside: boolean, seconds: number): void {
    if (crowd !== this.crowd) {
      this.crowd = crowd;
      this.motion = new KitMotion(crowd.figure.vat, crowd.figure.skeleton);
    }
    this.time += seconds;
    if (this.time - this.looked > everySeconds) {
      this.looked = this.time;
      this.look(crowd, planFor(quality, this.touch));
    }
    crowd.tiers.covered.clear();
    for (const wearer of this.wearers.values()) this.step(crowd, wearer, inside, seconds);
  }

  /** Decides who is to be shown how. */
  private look(crowd: Crowd, plan: Plan): void {
    const { people } = crowd;
    const { position } = this.camera;
    for (const entity of [...this.wearers.keys()]) if (!this.people.has(entity)) this.removePerson(entity);
    for (const person of this.people.values()) if (person.avatar || this.wearers.has(person.entity)) this.setPerson(person);
    const near = [];
    for (const wearer of this.wearers.values()) {
      const slot = people.slotOf(wearer.entity);
      const own = slot >= 0 && slot === people.selfSlot;
      wearer.wanted = -1;
      if (slot < 0 || people.used[slot] !== 1 || people.hidden.has(wearer.entity) || (!own && !this.strangers)) continue;
      const distance = Math.hypot(people.x[slot]! - position.x, people.y[slot]! + 0.9 - position.y, people.z[slot]! - position.z);
      near.push({ wearer, own, distance, now: wearer.level, about: wearer.about });
    }
    for (const { one, level } of choose(near, plan)) one.wearer.wanted = level;
    if (this.loading) return;
    const next = near
      .filter(({ wearer }) => wearer.notBefore <= this.time && (wearer.about ? wearer.wanted >= 0 && wearer.wanted !== wearer.level : wearer.wanted >= 0))
      .sort((a, b) => Number(b.own) - Number(a.own) || a.distance - b.distance)[0];
    if (next) void this.bring(next.wearer);
  }

  /** One at a time, so that no frame pays for two. */
  private async bring(wearer: Wearer): Promise<void> {
    this.loading = true;
    try {
      wearer.about ??= await this.aboutOf(wearer.hash);
      const level = wearer.about.levels[wearer.wanted];
      if (level && wearer.wanted !== wearer.level && this.motion) {
        if (level.bytes > mostBytes || level.triangles > mostTriangles) throw new Error("too large");
        const wanted = wearer.wanted;
        const gltf = await this.models.load(this.base + level.url);
        const figure = await OwnFigure.make(gltf, level, this.motion, this.air, this.putInAir);
        figure.share = 0;
        // Its shaders, before the first frame that needs them.
        await this.renderer.compileAsync(figure.object, this.camera, this.scene);
        if (this.wearers.get(wearer.entity) !== wearer) figure.dispose();
        else this.put(wearer, figure, wanted);
      }
      wearer.failures = 0;
    } catch (error) {
      console.warn(`own figure ${wearer.hash.slice(0, 12)}:`, error);
      wearer.notBefore = this.time + retrySeconds[Math.min(wearer.failures++, retrySeconds.length - 1)]!;
    }
    this.loading = false;
    this.looked = -1e9;
  }

  private async aboutOf(hash: string): Promise<Avatar> {
    const response = await fetch(`${this.base}/avatars/${hash}/about.json`);
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    const about = (await response.json()) as Avatar;
    if (about.hash !== hash || !Array.isArray(about.levels)) throw new Error("not what was asked for");
    return about;
  }

  private put(wearer: Wearer, figure: OwnFigure, level: number): void {
    wearer.leaving?.dispose();
    wearer.leaving = wearer.figure;
    wearer.figure = figure;
    wearer.level = level;
    this.group.add(figure.object);
  }

  private step(crowd: Crowd, wearer: Wearer, inside: boolean, seconds: number): void {
    const { people } = crowd;
    const slot = people.slotOf(wearer.entity);
    const { figure, leaving } = wearer;
    const by = seconds / fadeSeconds;
    if (leaving) {
      leaving.share = Math.max(0, leaving.share - by);
      if (leaving.share > 0 && slot >= 0) leaving.follow(people, slot);
      else {
        leaving.dispose();
        wearer.leaving = null;
      }
    }
    if (!figure) return;
    const there = slot >= 0 && people.used[slot] === 1;
    if (wearer.wanted < 0 || !there) {
      figure.share = Math.max(0, figure.share - by);
      if (figure.share === 0) {
        figure.dispose();
        wearer.figure = null;
        wearer.level = -1;
        return;
      }
    } else figure.share = Math.min(1, figure.share + by);
    if (slot < 0) return;
    // The kit's figure stands under it until it is wholly there.
    if (figure.share === 1 || (leaving && figure.share > 0)) crowd.tiers.covered.add(slot);
    const seen = crowd.distanceOf(slot) >= 0;
    figure.object.visible = seen && !(inside && slot === people.selfSlot);
    if (figure.object.visible) figure.follow(people, slot);
  }

  dispose(): void {
    for (const entity of [...this.wearers.keys()]) this.removePerson(entity);
    this.group.removeFromParent();
  }
}
