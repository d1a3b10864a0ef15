// The kit's clips on a skeleton of somebody's own. The baked clips say how each bone of the kit's person is turned against its bind
// pose, where no bone is turned at all; so a bone that lies the same way in the world turns the same way, whatever its own axes are.
// Where the two rest poses differ, arms out against arms hanging, each limb is first laid along the kit's.
// Source of the idea: normalised humanoid bones of VRM 1.0. Pure arithmetic of three.js: tested alone.

import { DataUtils, Matrix4, type Object3D, Quaternion, type Skeleton, Vector3 } from "three";
import type { Vat } from "../crowd/vat.ts";

/** Bones by VRM's names, parents first: the kit's bone that each follows, and the next one of its limb. */
const bones: readonly { name: string; parent: string; kit: string; along?: string }[] = [
  { name: "hips", parent: "", kit: "hips" },
  { name: "spine", parent: "hips", kit: "spine" },
  { name: "chest", parent: "spine", kit: "chest" },
  { name: "upperChest", parent: "chest", kit: "chest" },
  { name: "neck", parent: "upperChest", kit: "neck" },
  { name: "head", parent: "neck", kit: "head" },
  ...(["left", "right"] as const).flatMap((side) => {
    const end = side === "left" ? "_l" : "_r";
    return [
      { name: `${side}Shoulder`, parent: "upperChest", kit: `shoulder${end}` },
      { name: `${side}UpperArm`, parent: `${side}Shoulder`, kit: `arm${end}`, along: `${side}LowerArm` },
      { name: `${side}LowerArm`, parent: `${side}UpperArm`, kit: `forearm${end}`, along: `${side}Hand` },
      { name: `${side}Hand`, parent: `${side}LowerArm`, kit: `hand${end}` },
      { name: `${side}UpperLeg`, parent: "hips", kit: `thigh${end}`, along: `${side}LowerLeg` },
      { name: `${side}LowerLeg`, parent: `${side}UpperLeg`, kit: `shin${end}`, along: `${side}Foot` },
      { name: `${side}Foot`, parent: `${side}LowerLeg`, kit: `foot${end}` },
      { name: `${side}Toes`, parent: `${side}Foot`, kit: `toe${end}` },
    ];
  }),
];
/** Arms end where hands do: a hand lies as its arm, a foot stands as it is. */
const lies = new Set(["leftHand", "rightHand"]);

/** The kit's bones over all rows of its clips. */
export class KitMotion {
  private readonly turns: Float32Array;
  private readonly hips: Float32Array;
  private readonly count: number;
  private readonly index = new Map<string, number>();
  readonly places = new Map<string, Vector3>();

  constructor(vat: Vat, skeleton: Skeleton) {
    this.count = skeleton.bones.length;
    skeleton.bones.forEach((bone, i) => {
      const name = bone.name.toLowerCase();
      this.index.set(name, i);
      this.places.set(name, new Vector3().setFromMatrixPosition(new Matrix4().copy(skeleton.boneInverses[i]!).invert()));
    });
    const { rows, width } = vat.layout;
    const data = vat.texture.image.data as unknown as Uint16Array;
    this.turns = new Float32Array(rows * this.count * 4);
    this.hips = new Float32Array(rows * 3);
    const matrix = new Matrix4();
    const turn = new Quaternion();
    const place = new Vector3();
    const hips = this.index.get("hips") ?? 0;
    for (let row = 0; row < rows; row++) {
      for (let b = 0; b < this.count; b++) {
        const at = (row * width + b * (width / this.count)) * 4;
        const v = (i: number) => DataUtils.fromHalfFloat(data[at + i]!);
        matrix.set(v(0), v(1), v(2), v(3), v(4), v(5), v(6), v(7), v(8), v(9), v(10), v(11), 0, 0, 0, 1);
        turn.setFromRotationMatrix(matrix).toArray(this.turns, (row * this.count + b) * 4);
        if (b === hips) place.copy(this.places.get("hips")!).applyMatrix4(matrix).toArray(this.hips, row * 3);
      }
    }
  }

  indexOf(bone: string): number {
    return this.index.get(bone) ?? -1;
  }

  turn(row: number, bone: number, out: Quaternion, scratch: Quaternion): Quaternion {
    const first = Math.floor(row);
    out.fromArray(this.turns, (first * this.count + bone) * 4);
    const next = ((first + 1) * this.count + bone) * 4;
    return next + 4 <= this.turns.length ? out.slerp(scratch.fromArray(this.turns, next), row - first) : out;
  }

  /** Where the hips are; out of the bind pose by this much. */
  hipsAt(row: number, out: Vector3): Vector3 {
    const at = Math.min(Math.floor(row) * 3, this.hips.length - 3);
    const next = Math.min(at + 3, this.hips.length - 3);
    const f = row - Math.floor(row);
    const mix = (k: number) => this.hips[at + k]! * (1 - f) + this.hips[next + k]! * f;
    return out.set(mix(0), mix(1), mix(2)).sub(this.places.get("hips")!);
  }
}

interface Follower {
  node: Object3D;
  /** Of the kit. */
  bone: number;
  /** Turned in the rest pose, laid along the kit's limb. */
  rest: Quaternion;
  /** The follower above, and how the node's own parent is turned against it in the rest pose. */
  above: Follower | null;
  between: Quaternion;
  /** In this frame. */
  now: Quaternion;
}

/** One figure's bones, made to follow the kit's. */
export class Rig {
  private readonly followers: Follower[] = [];
  private readonly hips: Object3D;
  private readonly hipsRest = new Vector3();
  private readonly toParent = new Matrix4();
  private readonly share: number;
  private readonly a = new Quaternion();
  private readonly b = new Quaternion();
  private readonly c = new Quaternion();
  private readonly v = new Vector3();
  private readonly w = new Vector3();

  /** `nodes`: by VRM's names, in the rest pose, under `root`, in whose space the figure stands upright and looks along +z, in metres. */
  constructor(
    private readonly motion: KitMotion,
    root: Object3D,
    nodes: ReadonlyMap<string, Object3D>,
  ) {
    const hips = nodes.get("hips");
    if (!hips) throw new Error("a figure without hips");
    this.hips = hips;
    root.updateWorldMatrix(true, true);
    this.hang(nodes);
    root.updateWorldMatrix(true, true);
    const upright = new Matrix4().copy(root.matrixWorld).invert();
    const place = (node: Object3D) => new Vector3().setFromMatrixPosition(node.matrixWorld).applyMatrix4(upright);
    const rootTurn = root.getWorldQuaternion(new Quaternion()).invert();
    const turned = (node: Object3D) => node.getWorldQuaternion(new Quaternion()).premultiply(rootTurn);
    const made = new Map<string, Follower>();
    const laid = new Map<string, Quaternion>();
    for (const { name, parent, kit, along } of bones) {
      const node = nodes.get(name);
      const bone = motion.indexOf(kit);
      if (!node || bone < 0) continue;
      const lay = this.layAlong(place(node), along ? nodes.get(along) : undefined, place, kit, along);
      if (lay) laid.set(name, lay);
      const limb = lay ?? (lies.has(name) || along ? laid.get(parent) : undefined) ?? new Quaternion();
      let up = parent;
      while (up && !made.has(up)) up = bones.find((one) => one.name === up)?.parent ?? "";
      const above = made.get(up) ?? null;
      const rest = turned(node);
      const between = node.parent ? turned(node.parent) : new Quaternion();
      if (above) between.premultiply(turned(above.node).invert());
      const one = { node, bone, rest: limb.clone().multiply(rest), above, between, now: new Quaternion() };
      if (!laid.has(name) && limb) laid.set(name, limb);
      made.set(name, one);
      this.followers.push(one);
    }
    this.hipsRest.copy(place(hips));
    this.toParent.copy(hips.parent!.matrixWorld).invert().multiply(root.matrixWorld);
    this.share = this.hipsRest.y / motion.places.get("hips")!.y;
  }

  /** Feet that are led by their own goal, and the like, are hung where a person has them. */
  private hang(nodes: ReadonlyMap<string, Object3D>): void {
    for (const { name, parent } of bones) {
      const node = nodes.get(name);
      let up = parent;
      while (up && !nodes.has(up)) up = bones.find((one) => one.name === up)?.parent ?? "";
      const above = nodes.get(up);
      if (!node || !above) continue;
      let at = node.parent;
      while (at && at !== above) at = at.parent;
      if (!at && !isAbove(node, above)) above.attach(node);
    }
  }

  /** The turn from where the limb lies to where the kit's does. */
  private layAlong(
    from: Vector3,
    next: Object3D | undefined,
    place: (node: Object3D) => Vector3,
    kit: string,
    along: string | undefined,
  ): Quaternion | null {
    const kitNext = along && bones.find((one) => one.name === along)?.kit;
    const [kitFrom, kitTo] = [this.motion.places.get(kit), kitNext ? this.motion.places.get(kitNext) : undefined];
    if (!next || !kitFrom || !kitTo) return null;
    const own = place(next).sub(from);
    const its = kitTo.clone().sub(kitFrom);
    if (own.lengthSq() < 1e-8 || its.lengthSq() < 1e-8) return null;
    return new Quaternion().setFromUnitVectors(own.normalize(), its.normalize());
  }

  /** Rows of the clips: of the one that shows, of the one that is left, and that one's share. */
  pose(row: number, oldRow: number, share: number): void {
    const { motion, a, b, c, v, w } = this;
    for (const one of this.followers) {
      motion.turn(row, one.bone, a, c);
      if (share > 0) a.slerp(motion.turn(oldRow, one.bone, b, c), share);
      one.now.copy(a).multiply(one.rest);
      const parent = one.above ? b.copy(one.above.now).multiply(one.between) : b.copy(one.between);
      one.node.quaternion.copy(parent.invert()).multiply(one.now);
    }
    motion.hipsAt(row, v);
    if (share > 0) v.lerp(motion.hipsAt(oldRow, w), share);
    this.hips.position.copy(v.multiplyScalar(this.share).add(this.hipsRest)).applyMatrix4(this.toParent);
  }
}

function isAbove(node: Object3D, other: Object3D): boolean {
  for (let at = other.parent; at; at = at.parent) if (at === node) return true;
  return false;
}
