// What edits have put into a world: models of the catalogue, each loaded once and drawn instanced, tinted one by one,
// with an outline for the one that is being edited and a translucent ghost for the one that is about to be put down.

import {
  BackSide,
  Box3,
  Color,
  DynamicDrawUsage,
  Group,
  InstancedMesh,
  type Material,
  Matrix4,
  Mesh,
  MeshBasicMaterial,
  type MeshLambertMaterial,
  type Object3D,
  Quaternion,
  type Raycaster,
  Vector3,
} from "three";
import type { CatalogueModel, Thing } from "@manyworlds/protocol";
import type { Air } from "./air.ts";
import { castsShadow, dress, dressingOf, isShade, mattWhereEnough } from "./dress.ts";
import type { Models } from "./gltf.ts";
import type { Placement } from "./types.ts";

interface Part {
  mesh: InstancedMesh;
  /** From the part to the model. */
  matrix: Matrix4;
  /** Colour that the model's own has; null where a thing's colour changes nothing. */
  tint: Color | null;
}

interface Model {
  parts: Part[];
  group: Group;
  height: number;
  things: Map<number, Thing>;
  /** Entities by instance. */
  order: number[];
}

const up = new Vector3(0, 1, 0);
const scratch = { matrix: new Matrix4(), turn: new Quaternion(), at: new Vector3(), size: new Vector3() };
const white = new Color(0xffffff);

function placeMatrix(placement: { position: readonly number[]; yaw: number; scale: number }, out: Matrix4): Matrix4 {
  const [x, y, z] = placement.position;
  scratch.at.set(x ?? 0, y ?? 0, z ?? 0);
  scratch.turn.setFromAxisAngle(up, placement.yaw);
  scratch.size.setScalar(placement.scale);
  return out.compose(scratch.at, scratch.turn, scratch.size);
}

/** An unknown colour is no reason to lose the thing. */
export function readColour(text: string | undefined): Color | null {
  return text && /^#[0-9a-f]{6}$/i.test(text) ? new Color(text) : null;
}

export class Things {
  readonly group = new Group();
  private readonly all = new Map<number, Thing>();
  private readonly models = new Map<string, Promise<Model | null>>();
  private readonly ready = new Map<string, Model>();
  private catalogue = new Map<string, CatalogueModel>();
  private readonly outline: MeshBasicMaterial;
  private readonly outlines = new Group();
  private readonly ghosts = new Group();
  private readonly ghostMaterial: MeshBasicMaterial;
  private highlighted: number | null = null;
  private ghostModel: string | null = null;
  private base = "";

  constructor(
    private readonly loader: Models,
    private readonly air: Air,
    private readonly cheap: () => boolean,
  ) {
    this.group.name = "things";
    this.outline = new MeshBasicMaterial({ side: BackSide, toneMapped: false });
    this.outline.onBeforeCompile = (shader) => {
      shader.vertexShader = shader.vertexShader.replace(
        "#include <project_vertex>",
        `#include <project_vertex>
        vec3 out4 = normalize(normalMatrix * normal);
        mvPosition.xyz += out4 * (0.0035 * length(mvPosition.xyz) + 0.004);
        gl_Position = projectionMatrix * mvPosition;`,
      );
    };
    this.ghostMaterial = new MeshBasicMaterial({
      transparent: true,
      opacity: 0.5,
      depthWrite: false,
      toneMapped: false,
    });
    this.group.add(this.outlines, this.ghosts);
    this.outlines.matrixAutoUpdate = this.ghosts.matrixAutoUpdate = false;
  }

  setCatalogue(models: readonly CatalogueModel[], accent: string, base: string): void {
    this.catalogue = new Map(models.map((model) => [model.name, model]));
    this.base = base;
    this.outline.color.set(accent);
    this.ghostMaterial.color.set(accent);
  }

  get named(): Iterable<Thing> {
    return this.all.values();
  }

  set(thing: Thing): void {
    const before = this.all.get(thing.entity);
    this.all.set(thing.entity, thing);
    if (before && before.model !== thing.model) this.refresh(before.model);
    this.refresh(thing.model);
    if (this.highlighted === thing.entity) this.highlight(thing.entity);
  }

  remove(entity: number): void {
    const thing = this.all.get(entity);
    if (!thing) return;
    this.all.delete(entity);
    this.refresh(thing.model);
    if (this.highlighted === entity) this.highlight(null);
  }

  clear(): void {
    const names = new Set([...this.all.values()].map((thing) => thing.model));
    this.all.clear();
    this.highlight(null);
    for (const name of names) this.refresh(name);
  }

  private refresh(name: string): void {
    void this.model(name).then((model) => {
      if (model) this.fill(name, model);
    });
  }

  private model(name: string): Promise<Model | null> {
    let model = this.models.get(name);
    if (!model) {
      model = this.loadModel(name);
      this.models.set(name, model);
    }
    return model;
  }

  /** A model that cannot be loaded leaves its things out and is tried again for the next one. */
  private async loadModel(name: string): Promise<Model | null> {
    const entry = this.catalogue.get(name);
    try {
      if (!entry) throw new Error(`${name}: not in the catalogue`);
      const gltf = await this.loader.load(this.base + entry.url);
      gltf.scene.updateMatrixWorld(true);
      const model: Model = { parts: [], group: new Group(), height: 1, things: new Map(), order: [] };
      model.height = new Box3().setFromObject(gltf.scene).max.y;
      gltf.scene.traverse((object) => {
        if (object instanceof Mesh) model.parts.push(...this.partsOf(object));
      });
      for (const part of model.parts) model.group.add(part.mesh);
      this.group.add(model.group);
      this.ready.set(name, model);
      return model;
    } catch (error) {
      console.warn(`model ${name}:`, error);
      this.models.delete(name);
      return null;
    }
  }

  private partsOf(mesh: Mesh): Part[] {
    const source = mesh.material as Material;
    const material = mattWhereEnough(source, this.cheap()) as MeshLambertMaterial;
    const tint = /tint/i.test(source.name) ? material.color.clone() : null;
    if (tint) material.color.copy(white);
    const dressing = dressingOf(source);
    dress(material, this.air, this.cheap() && dressing === "leaf" ? "plain" : dressing);
    const made = (matrix: Matrix4): Part => ({ mesh: this.instances(mesh, material, 8), matrix, tint });
    if (!(mesh instanceof InstancedMesh)) return [made(mesh.matrixWorld.clone())];
    return Array.from({ length: mesh.count }, (_, i) => {
      const matrix = new Matrix4();
      mesh.getMatrixAt(i, matrix);
      return made(matrix.premultiply(mesh.matrixWorld));
    });
  }

  private instances(like: Mesh, material: Material, capacity: number): InstancedMesh {
    const mesh = new InstancedMesh(like.geometry, material, capacity);
    mesh.instanceMatrix.setUsage(DynamicDrawUsage);
    mesh.castShadow = castsShadow(material);
    mesh.receiveShadow = !isShade(material);
    mesh.count = 0;
    mesh.matrixAutoUpdate = false;
    return mesh;
  }

  private fill(name: string, model: Model): void {
    const things = [...this.all.values()].filter((thing) => thing.model === name);
    model.order = things.map((thing) => thing.entity);
    model.things = new Map(things.map((thing) => [thing.entity, thing]));
    for (const part of model.parts) {
      if (part.mesh.instanceMatrix.count < things.length) {
        const larger = this.instances(part.mesh, part.mesh.material as Material, 2 * things.length);
        model.group.remove(part.mesh);
        part.mesh.dispose();
        part.mesh = larger;
        model.group.add(larger);
      }
      part.mesh.count = things.length;
      things.forEach((thing, i) => {
        part.mesh.setMatrixAt(i, placeMatrix(thing, scratch.matrix).multiply(part.matrix));
        part.mesh.setColorAt(i, part.tint ? (readColour(thing.colour) ?? part.tint) : white);
      });
      part.mesh.visible = things.length > 0;
      part.mesh.instanceMatrix.needsUpdate = true;
      if (part.mesh.instanceColor) part.mesh.instanceColor.needsUpdate = true;
      if (things.length > 0) part.mesh.computeBoundingSphere();
    }
  }

  /** One of a model by itself, at the origin of its group, with the room that it takes; null where the catalogue has none. */
  async single(name: string, colour: string | undefined): Promise<{ group: Group; box: Box3 } | null> {
    const model = this.catalogue.has(name) ? await this.model(name) : null;
    if (!model) return null;
    const group = new Group();
    const box = new Box3();
    for (const part of model.parts) {
      const material = part.mesh.material as Material;
      if (isShade(material)) continue;
      const mesh = this.instances(part.mesh, material, 1);
      mesh.count = 1;
      mesh.setMatrixAt(0, part.matrix);
      mesh.setColorAt(0, part.tint ? (readColour(colour) ?? part.tint) : white);
      mesh.computeBoundingSphere();
      mesh.computeBoundingBox();
      if (mesh.boundingBox) box.union(mesh.boundingBox);
      group.add(mesh);
    }
    return { group, box };
  }

  /** Height of the top over the ground, for the name above it. */
  topOf(thing: Thing): number {
    return (this.ready.get(thing.model)?.height ?? 1) * thing.scale;
  }

  highlight(entity: number | null): void {
    this.highlighted = entity;
    this.outlines.clear();
    const thing = entity === null ? undefined : this.all.get(entity);
    if (!thing) return;
    void this.model(thing.model).then((model) => {
      if (!model || this.highlighted !== entity) return;
      this.outlines.clear();
      this.copyInto(this.outlines, model, this.outline);
      placeMatrix(this.all.get(thing.entity) ?? thing, this.outlines.matrix);
      this.outlines.updateMatrixWorld(true);
    });
  }

  ghost(name: string | null, placement: Placement | null): void {
    this.ghosts.visible = name !== null && placement !== null;
    if (name === null || placement === null) {
      this.ghostModel = null;
      this.ghosts.clear();
      return;
    }
    placeMatrix(placement, this.ghosts.matrix);
    this.ghosts.updateMatrixWorld(true);
    if (name === this.ghostModel) return;
    this.ghostModel = name;
    this.ghosts.clear();
    void this.model(name).then((model) => {
      if (!model || this.ghostModel !== name) return;
      this.copyInto(this.ghosts, model, this.ghostMaterial);
      this.ghosts.updateMatrixWorld(true);
    });
  }

  private copyInto(group: Group, model: Model, material: Material): void {
    for (const part of model.parts) {
      if (isShade(part.mesh.material as Material)) continue;
      const copy = new Mesh(part.mesh.geometry, material);
      copy.matrixAutoUpdate = false;
      copy.matrix.copy(part.matrix);
      group.add(copy);
    }
  }

  /** The nearest thing that the ray meets, and where. */
  pick(ray: Raycaster): { entity: number; distance: number } | null {
    let best: { entity: number; distance: number } | null = null;
    for (const model of this.ready.values()) {
      const meshes: Object3D[] = model.parts.map((part) => part.mesh).filter((mesh) => mesh.visible);
      for (const hit of ray.intersectObjects(meshes, false)) {
        const entity = model.order[hit.instanceId ?? -1];
        if (entity !== undefined && (!best || hit.distance < best.distance)) best = { entity, distance: hit.distance };
      }
    }
    return best;
  }

  dispose(): void {
    for (const model of this.ready.values()) {
      for (const part of model.parts) {
        part.mesh.geometry.dispose();
        (part.mesh.material as Material).dispose();
        part.mesh.dispose();
      }
    }
    this.outline.dispose();
    this.ghostMaterial.dispose();
  }
}
