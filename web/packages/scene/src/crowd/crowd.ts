// Draws everybody in at most eight draw calls: five levels of detail and the dark spots at the feet in the picture,
// people near and further off in the shadow maps. What changes every frame is one table of poses and the lists of
// slots.

import {
  BufferAttribute,
  Color,
  DataTexture,
  DynamicDrawUsage,
  FloatType,
  Frustum,
  Group,
  InstancedBufferAttribute,
  InstancedBufferGeometry,
  type IUniform,
  Matrix4,
  Mesh,
  MeshDepthMaterial,
  MeshLambertMaterial,
  NearestFilter,
  type PerspectiveCamera,
  RGBAFormat,
  RGBAIntegerFormat,
  ShaderMaterial,
  type Texture,
  UnsignedIntType,
  Vector2,
  Vector3,
  Vector4,
} from "three";
import type { CrowdAggregate, Person } from "@manyworlds/protocol";
import type { Air } from "../air.ts";
import { dress, type Patch } from "../dress.ts";
import { FAR_CASTERS, NEAR_CASTERS } from "../sun.ts";
import type { AvatarColumns, SelfState } from "../types.ts";
import { Far, FLOATS_PER_PART } from "./far.ts";
import type { Figure } from "./figure.ts";
import { impostorFragment, impostorFragmentPars, impostorPars, impostorStart, impostorVertex } from "./impostor.ts";
import { CLOTHES_AT, DARK_AT, HAIR_AT, PALETTE_SIZE, type PersonExtras, SKIN_AT, WHITE_AT } from "./looks.ts";
import { People } from "./people.ts";
import {
  blobFragment,
  blobVertex,
  crowdDepthFragment,
  crowdFragment,
  crowdFragmentPars,
  crowdPars,
  crowdStart,
  crowdVertex,
} from "./shader.ts";
import { type TierPlan, TIERS, Tiers } from "./tiers.ts";

export interface CrowdPlan extends TierPlan {
  /** People who cast into the shadow maps, at most, and to which distance: near ones finely, then coarsely. */
  nearCasters: number;
  nearReach: number;
  farCasters: number;
  farReach: number;
  /** People of aggregates that are drawn at most, before each stands for two or three. */
  far: number;
}

const blobReach = 110;
const poseWidth = 512;
const lookWidth = 256;

/** One draw call: a geometry, and the slots it is drawn for. */
class Batch {
  readonly mesh: Mesh;
  readonly geometry: InstancedBufferGeometry;
  private slots: InstancedBufferAttribute;
  /** From here on the graphics card may have other slots. */
  private pending = 0;

  constructor(geometry: InstancedBufferGeometry, material: MeshLambertMaterial | ShaderMaterial) {
    this.geometry = geometry;
    this.slots = this.makeSlots(256);
    this.mesh = new Mesh(geometry, material);
    this.mesh.frustumCulled = false;
    this.mesh.matrixAutoUpdate = false;
    geometry.instanceCount = 0;
  }

  private makeSlots(capacity: number): InstancedBufferAttribute {
    const attribute = new InstancedBufferAttribute(new Uint32Array(capacity), 1);
    attribute.setUsage(DynamicDrawUsage);
    this.geometry.setAttribute("slot", attribute);
    return attribute;
  }

  /** The list, behind the first `keep` slots, which stay as they were. */
  set(list: Uint32Array, count: number, keep = 0): void {
    const all = keep + count;
    if (all > this.slots.count) {
      const old = this.slots.array as Uint32Array;
      this.slots = this.makeSlots(2 ** Math.ceil(Math.log2(all)));
      (this.slots.array as Uint32Array).set(old.subarray(0, keep));
      this.pending = 0;
    }
    (this.slots.array as Uint32Array).set(list.subarray(0, count), keep);
    const from = Math.min(keep, this.pending);
    this.pending = all;
    this.slots.clearUpdateRanges();
    this.slots.addUpdateRange(from, all - from);
    this.slots.needsUpdate = all > from;
    this.geometry.instanceCount = all;
    this.mesh.visible = all > 0;
  }

  /** Slots before the list of the next `set`, which that call is told to keep. */
  setFirst(list: Uint32Array, count: number): void {
    this.set(list, count);
    this.pending = 0;
  }
}

function quad(): InstancedBufferGeometry {
  const geometry = new InstancedBufferGeometry();
  geometry.setAttribute("position", new BufferAttribute(new Float32Array([-1, -1, 0, 1, -1, 0, 1, 1, 0, -1, 1, 0]), 3));
  geometry.setIndex([0, 2, 1, 0, 3, 2]);
  return geometry;
}

/** The same buffers with a list of slots of their own. */
function again(source: InstancedBufferGeometry): InstancedBufferGeometry {
  const geometry = new InstancedBufferGeometry();
  geometry.setIndex(source.index);
  for (const [name, attribute] of Object.entries(source.attributes)) {
    if (name !== "slot") geometry.setAttribute(name, attribute);
  }
  return geometry;
}

function table(data: Float32Array | Uint32Array, width: number): DataTexture {
  const whole = data instanceof Uint32Array;
  const texture = new DataTexture(data, width, data.length / 4 / width);
  texture.format = whole ? RGBAIntegerFormat : RGBAFormat;
  texture.type = whole ? UnsignedIntType : FloatType;
  if (whole) texture.internalFormat = "RGBA32UI";
  texture.minFilter = texture.magFilter = NearestFilter;
  texture.needsUpdate = true;
  return texture;
}

function palette(extras: PersonExtras): Color[] {
  const colours = Array.from({ length: PALETTE_SIZE }, () => new Color(0x888888));
  const put = (base: number, list: readonly string[]) => list.forEach((hex, i) => colours[base + i]?.set(hex));
  put(SKIN_AT, extras.palettes.skin.slice(0, 8));
  put(HAIR_AT, extras.palettes.hair.slice(0, 8));
  put(CLOTHES_AT, extras.palettes.clothes.slice(0, 12));
  colours[WHITE_AT]!.set("#F2EEE8");
  colours[DARK_AT]!.set("#2A211E");
  return colours;
}

/** How finely each level of detail is skinned. */
const levelDefines: Record<string, unknown>[] = [
  { MW_INFLUENCES: 4, MW_BETWEEN: 1, MW_CROSS: 1, MW_FACE: 1 },
  { MW_INFLUENCES: 4, MW_BETWEEN: 1, MW_CROSS: 1 },
  { MW_INFLUENCES: 2, MW_CROSS: 1 },
  { MW_INFLUENCES: 1 },
  { MW_CROSS: 1 },
];

const figurePatch: Patch = {
  vertexPars: crowdPars,
  vertexStart: crowdStart,
  replaceVertex: crowdVertex,
  fragmentPars: crowdFragmentPars,
  replaceFragment: crowdFragment,
};
const impostorPatch: Patch = {
  vertexPars: impostorPars,
  vertexStart: impostorStart,
  replaceVertex: impostorVertex,
  fragmentPars: impostorFragmentPars,
  replaceFragment: impostorFragment,
};

export class Crowd {
  readonly group = new Group();
  readonly people: People;
  /** Those of whom only aggregates are known. */
  readonly far = new Far();
  readonly tiers = new Tiers();
  private readonly batches: Batch[];
  private readonly blobs: Batch;
  private readonly nearCasters: Batch;
  private readonly farCasters: Batch;
  private readonly uniforms: Record<string, IUniform>;
  private readonly cast = new Vector4(1, 0, 1, 0);
  private readonly aside = new Vector2(-1, 1);
  private readonly shade = new Color(0x1a1410);
  private farPlace: DataTexture;
  private farParts: DataTexture;
  private readonly farNow = new Vector2(0, 1);
  private poses!: DataTexture;
  private looks!: DataTexture;
  private readonly frustum = new Frustum();
  private readonly matrix = new Matrix4();
  private readonly eye = { x: 0, y: 0, z: 0, planes: new Float32Array(20) };
  private near = new Uint32Array(0);
  private further = new Uint32Array(0);
  private all = new Uint32Array(0);

  constructor(
    readonly figure: Figure,
    private readonly air: Air,
    private plan: CrowdPlan,
  ) {
    this.people = new People(256, figure.rules, figure.extras);
    this.uniforms = {
      mwPoses: { value: null as Texture | null },
      mwLooks: { value: null as Texture | null },
      mwClips: { value: figure.vat.texture },
      mwPalette: { value: palette(figure.extras) },
      mwJoints: { value: figure.joints },
      mwFigure: { value: new Vector4(...figure.measures) },
      mwHats: { value: figure.hats },
      mwScarf: { value: figure.scarf },
      mwCovers: { value: figure.covers },
      mwClock: air.uniforms["mwTime"]!,
      mwAside: { value: this.aside },
      mwCast: { value: this.cast },
      mwShade: { value: this.shade },
      mwHaze: air.uniforms["mwHaze"]!,
    };
    this.farPlace = table(this.far.place, poseWidth);
    this.farParts = table(this.far.rows, FLOATS_PER_PART / 4);
    Object.assign(this.uniforms, {
      mwFar: { value: this.farPlace },
      mwFarParts: { value: this.farParts },
      mwFarNow: { value: this.farNow },
      mwClipRows: { value: figure.rules.clips.map((clip) => new Vector4(clip.start, clip.steps, clip.seconds, 0)) },
    });
    this.makeTables();
    this.batches = figure.geometries.map((geometry, level) => new Batch(geometry, this.skinMaterial(level)));
    this.blobs = new Batch(quad(), this.blobMaterial());
    this.blobs.mesh.renderOrder = 5;
    this.nearCasters = this.casters(1, NEAR_CASTERS);
    this.farCasters = this.casters(2, FAR_CASTERS);
    for (const batch of this.batches.slice(0, -1)) batch.mesh.receiveShadow = true;
    for (const batch of [...this.batches, this.blobs, this.nearCasters, this.farCasters]) this.group.add(batch.mesh);
    this.group.name = "crowd";
  }

  private skinMaterial(level: number): MeshLambertMaterial {
    const material = new MeshLambertMaterial();
    material.defines = { ...levelDefines[level] };
    dress(material, this.air, "plain", `crowd${level}`, level === TIERS - 1 ? impostorPatch : figurePatch);
    this.addUniforms(material);
    return material;
  }

  private addUniforms(material: MeshLambertMaterial | MeshDepthMaterial): void {
    const dressed = material.onBeforeCompile;
    material.onBeforeCompile = (shader, renderer) => {
      Object.assign(shader.uniforms, this.uniforms);
      dressed.call(material, shader, renderer);
    };
  }

  private blobMaterial(): ShaderMaterial {
    return new ShaderMaterial({
      vertexShader: blobVertex,
      fragmentShader: blobFragment,
      uniforms: this.uniforms,
      transparent: true,
      depthWrite: false,
      polygonOffset: true,
      polygonOffsetFactor: -2,
      polygonOffsetUnits: -4,
    });
  }

  /** Seen by the shadow maps' cameras only. */
  private casters(level: number, layer: number): Batch {
    const batch = new Batch(again(this.figure.geometries[level]!), this.skinMaterial(level));
    const depth = new MeshDepthMaterial();
    depth.defines = { ...levelDefines[level] };
    depth.onBeforeCompile = (shader) => {
      Object.assign(shader.uniforms, this.uniforms);
      let vertex = shader.vertexShader.replace("void main() {", `void main() {\n${crowdStart}`);
      for (const [name, text] of Object.entries(crowdVertex)) vertex = vertex.replace(`#include <${name}>`, text);
      shader.vertexShader = `${crowdPars}\n${vertex}`;
      let fragment = shader.fragmentShader;
      for (const [name, text] of Object.entries(crowdDepthFragment))
        fragment = fragment.replace(`#include <${name}>`, text);
      shader.fragmentShader = `${crowdFragmentPars}\n${fragment}`;
    };
    depth.customProgramCacheKey = () => `mw:crowd-depth${level}`;
    batch.mesh.customDepthMaterial = depth;
    batch.mesh.castShadow = true;
    batch.mesh.layers.set(layer);
    return batch;
  }

  private makeTables(): void {
    this.poses?.dispose();
    this.looks?.dispose();
    const { people } = this;
    this.poses = table(people.pose, poseWidth);
    this.looks = table(people.look, lookWidth);
    this.uniforms["mwPoses"]!.value = this.poses;
    this.uniforms["mwLooks"]!.value = this.looks;
    this.tiers.reserve(people.capacity);
    this.near = new Uint32Array(people.capacity);
    this.further = new Uint32Array(people.capacity);
    this.all = new Uint32Array(people.capacity);
  }

  /** A crowd of nobody, of the same bodies, in another air. */
  another(air: Air): Crowd {
    return new Crowd({ ...this.figure, geometries: this.figure.geometries.map(again) }, air, this.plan);
  }

  setPlan(plan: CrowdPlan): void {
    this.plan = plan;
  }

  setPerson(person: Person): void {
    this.people.setPerson(person);
  }

  /** Direction of the sun's shadows, how dark they are, and where the shadow maps end (0: there are none). */
  setLight(sun: Vector3, ambient: Color, shadowEnd: number): void {
    const flat = Math.hypot(sun.x, sun.z) || 1;
    this.cast.set(-sun.x / flat, -sun.z / flat, Math.min(flat / Math.max(sun.y, 0.2), 2.2), shadowEnd);
    this.shade.copy(ambient).multiplyScalar(0.12);
  }

  /** `aggregates`: the same list as before when there is no news. */
  updateFar(aggregates: readonly CrowdAggregate[], seconds: number): void {
    const { far } = this;
    far.update(aggregates, seconds);
    this.farNow.x = this.people.clock;
    this.farPlace = this.bring(this.farPlace, "mwFar", far.place, far.placeChanged);
    this.farParts = this.bring(this.farParts, "mwFarParts", far.rows, far.people > 0);
    far.placeChanged = false;
  }

  /** A table to the graphics card; another one when it has grown. */
  private bring(old: DataTexture, name: string, data: Float32Array, changed: boolean): DataTexture {
    if (old.image.data !== data) {
      old.dispose();
      const made = table(data, old.image.width);
      this.uniforms[name]!.value = made;
      return made;
    }
    if (changed) old.needsUpdate = true;
    return old;
  }

  /** `hideSelf`: in first person one is not in the picture, but one's shadow is. */
  update(rows: AvatarColumns, self: SelfState | null, seconds: number): void {
    const before = this.people.capacity;
    this.people.update(rows, self, seconds);
    if (this.people.capacity !== before) this.makeTables();
    if (this.people.poseChanged) this.poses.needsUpdate = true;
    if (this.people.lookChanged) {
      this.looks.needsUpdate = true;
      this.people.lookChanged = false;
    }
  }

  /** Chooses levels for this camera. `pixels`: height of the picture in device pixels. */
  arrange(camera: PerspectiveCamera, pixels: number, hideSelf: boolean): void {
    const { people, tiers, plan, eye } = this;
    camera.updateMatrixWorld();
    this.matrix.multiplyMatrices(camera.projectionMatrix, camera.matrixWorldInverse);
    this.frustum.setFromProjectionMatrix(this.matrix);
    // The far plane is left out: `reach` decides.
    let at = 0;
    for (const [i, plane] of this.frustum.planes.entries()) {
      if (i === 4) continue;
      eye.planes[at++] = plane.normal.x;
      eye.planes[at++] = plane.normal.y;
      eye.planes[at++] = plane.normal.z;
      eye.planes[at++] = plane.constant;
    }
    [eye.x, eye.y, eye.z] = [camera.position.x, camera.position.y, camera.position.z];
    const atOneMetre = (1.75 * pixels) / (2 * Math.tan((camera.fov * Math.PI) / 360));
    tiers.sort(people, eye, plan, atOneMetre, hideSelf ? people.selfSlot : -1, people.selfSlot);
    this.batches.forEach((batch, i) => {
      if (i < TIERS - 1) batch.set(tiers.lists[i]!, tiers.counts[i]!);
      else this.setImpostors(batch);
    });
    this.aside.set(people.selfSlot, hideSelf ? 0.7 : 2.1);
    this.arrangeShadows(hideSelf);
  }

  /** Those who are shown by themselves, and the far crowd, in one call. */
  private setImpostors(batch: Batch): void {
    const { tiers, far, plan, eye } = this;
    const { count, many, changed } = far.list(eye.planes, plan.far);
    if (changed) batch.setFirst(far.slots, count);
    this.farNow.y = many;
    batch.set(tiers.lists[TIERS - 1]!, tiers.counts[TIERS - 1]!, count);
  }

  private arrangeShadows(hideSelf: boolean): void {
    const { people, plan, eye, tiers } = this;
    let [near, far, all] = [0, 0, 0];
    const [nearReach, farReach] = [plan.nearReach ** 2, plan.farReach ** 2];
    if (plan.nearCasters + plan.farCasters > 0) {
      for (let i = 0; i < people.slots; i++) {
        if (tiers.away[i] === 1 || people.used[i] === 0) continue;
        const dx = people.x[i]! - eye.x;
        const dz = people.z[i]! - eye.z;
        const d2 = dx * dx + dz * dz;
        if (d2 < nearReach && near < plan.nearCasters) this.near[near++] = i;
        else if (d2 < farReach && far < plan.farCasters) this.further[far++] = i;
      }
    }
    for (let t = 0; t < TIERS; t++) {
      const list = tiers.lists[t]!;
      for (let k = 0; k < tiers.counts[t]!; k++) {
        const i = list[k]!;
        if (tiers.distance[i]! < blobReach) this.all[all++] = i;
      }
    }
    for (const i of tiers.covered) if (tiers.distance[i]! >= 0) this.all[all++] = i;
    if (hideSelf && people.selfSlot >= 0) this.all[all++] = people.selfSlot;
    this.nearCasters.set(this.near, near);
    this.farCasters.set(this.further, far);
    this.blobs.set(this.all, all);
  }

  /** What the last frame drew of people, shadow maps included. */
  drawn(): { drawCalls: number; triangles: number } {
    let [drawCalls, triangles] = [0, 0];
    for (const { geometry } of [...this.batches, this.blobs, this.nearCasters, this.farCasters]) {
      if (geometry.instanceCount === 0) continue;
      drawCalls++;
      triangles += (geometry.instanceCount * (geometry.index?.count ?? 0)) / 3;
    }
    return { drawCalls, triangles };
  }

  /** From the eye, m, as the last picture had it; negative for who was not in it. */
  distanceOf(slot: number): number {
    return this.tiers.distance[slot] ?? -1;
  }

  /** How many stand in each level, finest first. */
  get perLevel(): Uint32Array {
    return this.tiers.counts;
  }

  dispose(): void {
    for (const batch of [...this.batches, this.blobs, this.nearCasters, this.farCasters]) {
      batch.geometry.dispose();
      (batch.mesh.material as MeshLambertMaterial).dispose();
      batch.mesh.customDepthMaterial?.dispose();
    }
    this.poses.dispose();
    this.looks.dispose();
    this.farPlace.dispose();
    this.farParts.dispose();
    this.figure.vat.texture.dispose();
  }
}
