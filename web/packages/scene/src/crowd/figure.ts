// person.glb as the crowd needs it: one instanced geometry per level of detail, the baked clips, behind the file's own
// levels a silhouette of some fifty triangles on the same bones, and last the joints that impostors are drawn between.

import {
  Bone,
  BufferAttribute,
  type BufferGeometry,
  InstancedBufferGeometry,
  Matrix4,
  type Skeleton,
  SkinnedMesh,
  Vector3,
  type Vector4,
} from "three";
import type { GLTF } from "three/examples/jsm/loaders/GLTFLoader.js";
import type { GaitRules } from "./gait.ts";
import { impostorJoints, impostorQuad } from "./impostor.ts";
import { type PersonExtras, readExtras, scarfParts } from "./looks.ts";
import { bakeVat, type Vat } from "./vat.ts";

/** The slot of scarves, hats and jackets. */
const ACCENT = 5;
/** Slots that only silhouettes use: the outermost of top and jacket, and hair or hat. */
const OUTER = 8;
const CROWN = 9;

export interface Figure {
  skeleton: Skeleton;
  geometries: InstancedBufferGeometry[];
  vat: Vat;
  extras: PersonExtras;
  rules: GaitRules;
  /** Height of the eyes, of the mouth, of the whole model; number of the jacket's part. */
  measures: [number, number, number, number];
  /** Bits of the parts that cover the hair. */
  hats: number;
  /** Bits of the parts that cover the arms, and the legs. */
  covers: [number, number];
  /** Parts: the scarf that is worn, the one that is held up. */
  scarf: [number, number];
  /** Places of joints in the bind pose, and their bones. */
  joints: Vector4[];
}

const joints: Record<string, string[]> = {
  hips: ["hips", "pelvis"],
  chest: ["chest", "spine"],
  neck: ["neck", "chest"],
  head: ["head", "neck"],
};

function placeOf(skeleton: Skeleton, bone: number): Vector3 {
  return new Vector3().setFromMatrixPosition(new Matrix4().copy(skeleton.boneInverses[bone]!).invert());
}

function boneIndex(skeleton: Skeleton, names: readonly string[]): number {
  for (const name of names) {
    const i = skeleton.bones.findIndex((bone) => bone.name.toLowerCase() === name);
    if (i >= 0) return i;
  }
  return 0;
}

class SilhouetteBuilder {
  private readonly position: number[] = [];
  private readonly normal: number[] = [];
  private readonly part: number[] = [];
  private readonly bone: number[] = [];
  private readonly index: number[] = [];

  /** A tube of `sides` faces between two rings, each an ellipse on the level plane, with a lid on top if asked. */
  tube(
    from: Vector3,
    to: Vector3,
    ringFrom: [number, number],
    ringTo: [number, number],
    sides: number,
    bone: [number, number],
    slots: [number, number],
    lid: boolean,
  ): void {
    const base = this.position.length / 3;
    const rings: [Vector3, [number, number], number, number, number][] = [
      [from, ringFrom, bone[0], slots[0], 190],
      [to, ringTo, bone[1], slots[1], 235],
    ];
    for (const [centre, [rx, rz], joint, slot, light] of rings) {
      for (let i = 0; i < sides; i++) {
        const angle = ((i + 0.5) / sides) * 2 * Math.PI;
        const x = Math.sin(angle);
        const z = Math.cos(angle);
        this.position.push(centre.x + x * rx, centre.y, centre.z + z * rz);
        this.normal.push(x, 0.15, z);
        this.part.push(0, slot, light, 0);
        this.bone.push(joint, 0, 0, 0);
      }
    }
    const up = to.y > from.y;
    for (let i = 0; i < sides; i++) {
      const [a, b] = [base + i, base + ((i + 1) % sides)];
      const [c, d] = [a + sides, b + sides];
      if (up) this.index.push(a, b, d, a, d, c);
      else this.index.push(a, d, b, a, c, d);
    }
    if (!lid) return;
    for (let i = 1; i + 1 < sides; i++) this.index.push(base + sides, base + sides + i, base + sides + i + 1);
  }

  /** A band from hand to hand, seen from both sides. */
  band(left: [Vector3, number], right: [Vector3, number], half: number, part: number): void {
    const base = this.position.length / 3;
    for (const [at, bone] of [left, right]) {
      for (const side of [-half, half]) {
        this.position.push(at.x, at.y + side, at.z + 0.05);
        this.normal.push(0, 0.2, 1);
        this.part.push(part, ACCENT, 235, 0);
        this.bone.push(bone, 0, 0, 0);
      }
    }
    this.index.push(base, base + 2, base + 3, base, base + 3, base + 1, base, base + 3, base + 2, base, base + 1, base + 3);
  }

  build(): InstancedBufferGeometry {
    const geometry = new InstancedBufferGeometry();
    geometry.setIndex(this.index);
    geometry.setAttribute("position", new BufferAttribute(new Float32Array(this.position), 3));
    geometry.setAttribute("normal", new BufferAttribute(new Float32Array(this.normal), 3));
    geometry.setAttribute("_part", new BufferAttribute(new Uint8Array(this.part), 4));
    geometry.setAttribute("skinIndex", new BufferAttribute(new Uint8Array(this.bone), 4));
    const weights = new Float32Array(this.bone.length);
    for (let i = 0; i < weights.length; i += 4) weights[i] = 1;
    geometry.setAttribute("skinWeight", new BufferAttribute(weights, 4));
    return geometry;
  }
}

export function silhouette(skeleton: Skeleton, heldScarf = 31): InstancedBufferGeometry {
  const builder = new SilhouetteBuilder();
  const bone = (key: string) => boneIndex(skeleton, joints[key] ?? [key]);
  const place = (index: number) => placeOf(skeleton, index);
  const [hips, chest, neck, head] = [bone("hips"), bone("chest"), bone("neck"), bone("head")];
  const low = place(hips).add(new Vector3(0, -0.1, 0));
  const high = place(neck);
  builder.tube(low, high, [0.17, 0.13], [0.17, 0.11], 4, [hips, chest], [OUTER, OUTER], true);
  const skull = place(head);
  const chin = skull.clone().add(new Vector3(0, -0.02, 0.02));
  const brow = skull.clone().add(new Vector3(0, 0.13, 0.01));
  const crown = skull.clone().add(new Vector3(0, 0.235, -0.01));
  builder.tube(chin, brow, [0.07, 0.08], [0.115, 0.125], 4, [head, head], [0, 0], false);
  builder.tube(brow, crown, [0.125, 0.13], [0.075, 0.08], 4, [head, head], [CROWN, CROWN], true);
  for (const side of ["l", "r"]) {
    const name = (part: string) => boneIndex(skeleton, [`${part}_${side}`]);
    const [arm, hand, thigh, shin, foot] = [name("arm"), name("hand"), name("thigh"), name("shin"), name("foot")];
    if (thigh === 0) continue;
    builder.tube(place(hand), place(arm), [0.045, 0.045], [0.065, 0.065], 3, [name("forearm"), arm], [0, OUTER], false);
    builder.tube(place(shin), place(thigh), [0.065, 0.07], [0.095, 0.1], 3, [shin, thigh], [3, 3], false);
    const sole = place(foot).setY(0);
    sole.z += 0.04;
    builder.tube(sole, place(shin), [0.05, 0.11], [0.065, 0.07], 3, [shin, shin], [4, 3], false);
  }
  const [left, right] = [boneIndex(skeleton, ["hand_l"]), boneIndex(skeleton, ["hand_r"])];
  if (heldScarf < 31 && left > 0 && right > 0) builder.band([place(left), left], [place(right), right], 0.09, heldScarf);
  return builder.build();
}

function instanced(source: BufferGeometry): InstancedBufferGeometry {
  const geometry = new InstancedBufferGeometry();
  geometry.setIndex(source.index);
  for (const name of ["position", "normal", "skinIndex", "skinWeight", "_part"]) {
    const attribute = source.getAttribute(name);
    if (attribute) geometry.setAttribute(name, attribute);
  }
  if (!source.getAttribute("_part")) {
    // A person of other make: everything shows, in the colour of the top.
    const count = source.getAttribute("position").count;
    const part = new Uint8Array(count * 4);
    for (let i = 0; i < count; i++) part.set([0, 2, 255, 0], i * 4);
    geometry.setAttribute("_part", new BufferAttribute(part, 4));
  }
  return geometry;
}

/** Middle height of what _PART.w marks with `face`. */
function faceHeight(geometry: BufferGeometry, face: number): number {
  const part = geometry.getAttribute("_part");
  const position = geometry.getAttribute("position");
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0; i < position.count; i++) {
    if (!part || part.getW(i) !== face) continue;
    low = Math.min(low, position.getY(i));
    high = Math.max(high, position.getY(i));
  }
  return low <= high ? (low + high) / 2 : -10;
}

/**
 * Positions may be quantised, and the skin's inverse bind matrices undo that. Here both are brought back to metres,
 * since the shader asks for heights. The rest pose of the bones must be the bind pose.
 */
function inMetres(meshes: readonly SkinnedMesh[], skeleton: Skeleton): BufferGeometry[] {
  const undo = new Matrix4().multiplyMatrices(skeleton.bones[0]!.matrixWorld, skeleton.boneInverses[0]!);
  const redo = undo.clone().invert();
  for (const inverse of skeleton.boneInverses) inverse.multiply(redo);
  const place = new Vector3();
  const done = new Map<BufferGeometry, BufferGeometry>();
  return meshes.map((mesh) => {
    const known = done.get(mesh.geometry);
    if (known) return known;
    const source = mesh.geometry.getAttribute("position");
    const metres = new Float32Array(source.count * 3);
    for (let i = 0; i < source.count; i++)
      place
        .fromBufferAttribute(source, i)
        .applyMatrix4(undo)
        .toArray(metres, 3 * i);
    mesh.geometry.setAttribute("position", new BufferAttribute(metres, 3));
    done.set(mesh.geometry, mesh.geometry);
    return mesh.geometry;
  });
}

export async function readFigure(gltf: GLTF, url: string): Promise<Figure> {
  const meshes: SkinnedMesh[] = [];
  gltf.scene.traverse((object) => {
    if (object instanceof SkinnedMesh) meshes.push(object);
  });
  const lod = (n: number) => meshes.find((mesh) => hasName(mesh, `person_lod${n}`));
  const first = lod(0) ?? meshes[0];
  if (!first) throw new Error(`${url}: no skinned mesh`);
  const extras = readExtras((gltf.asset as { extras?: { manyworlds?: unknown } }).extras?.manyworlds);
  gltf.scene.updateMatrixWorld(true);
  const levels = inMetres([first, lod(1) ?? first, lod(2) ?? lod(1) ?? first], first.skeleton);
  const scarf = scarfParts(extras.parts);
  const vat = await bakeVat(gltf.scene, first.skeleton, gltf.animations);
  return {
    skeleton: first.skeleton,
    geometries: [...levels.map(instanced), silhouette(first.skeleton, scarf[1]), impostorQuad()],
    vat,
    extras,
    rules: {
      clips: vat.layout.clips,
      walkSpeed: extras.clip_speed.walk,
      runSpeed: extras.clip_speed.run,
      modelHeight: 1.75,
    },
    measures: [faceHeight(levels[0]!, 1), faceHeight(levels[0]!, 2), 1.75, extras.parts.jacket[0] ?? 31],
    scarf,
    hats: bitsOf(extras.parts.hat),
    covers: [bitsOf([...extras.parts.top.slice(1), ...extras.parts.jacket]), bitsOf(extras.parts.bottom.slice(0, 1))],
    joints: impostorJoints(first.skeleton),
  };
}

const bitsOf = (parts: readonly number[]): number => parts.reduce((bits, n) => bits | (1 << n), 0) >>> 0;

function hasName(mesh: SkinnedMesh, name: string): boolean {
  return mesh.name === name || (mesh.parent !== null && !(mesh.parent instanceof Bone) && mesh.parent.name === name);
}
