import { Bone, DataTexture, DataUtils, Group, HalfFloatType, Matrix4, Object3D, Quaternion, RGBAFormat, Skeleton, Vector3 } from "three";
import { describe, expect, it } from "vitest";
import { HELD_SHARE as theirs } from "../crowd/gait.ts";
import { HELD_SHARE } from "./own.ts";
import { KitMotion, Rig } from "./retarget.ts";

/** The kit's left arm and trunk, arms hanging at 52 degrees; nothing is turned in the bind pose. */
const kit: Record<string, [string, number, number, number]> = {
  hips: ["", 0, 0.95, 0],
  spine: ["hips", 0, 1.06, 0],
  chest: ["spine", 0, 1.2, 0],
  head: ["chest", 0, 1.52, 0],
  arm_l: ["chest", 0.15, 1.38, 0],
  forearm_l: ["arm_l", 0.31, 1.17, 0],
  hand_l: ["forearm_l", 0.46, 0.99, 0],
  thigh_l: ["hips", 0.09, 0.9, 0],
  shin_l: ["thigh_l", 0.09, 0.49, 0],
  foot_l: ["shin_l", 0.09, 0.08, 0],
};

/** Two clips of one row each: the bind pose, and one in which `turned` is applied about the bone's own place. */
function motion(turned: Record<string, Quaternion>, hips = new Vector3()): KitMotion {
  const bones = Object.entries(kit).map(([name, [, x, y, z]]) => {
    const bone = new Bone();
    bone.name = name;
    bone.position.set(x, y, z);
    bone.updateMatrixWorld();
    return bone;
  });
  const skeleton = new Skeleton(bones);
  const width = bones.length * 3;
  const rows = 3;
  const data = new Uint16Array(width * rows * 4);
  bones.forEach((bone, b) => {
    for (let row = 0; row < rows; row++) {
      const about = new Matrix4();
      if (row > 0) {
        const turn = new Matrix4().makeRotationFromQuaternion(turned[bone.name] ?? new Quaternion());
        const at = bone.position;
        about.makeTranslation(at.x, at.y, at.z).multiply(turn).multiply(new Matrix4().makeTranslation(-at.x, -at.y, -at.z));
        if (bone.name === "hips") about.premultiply(new Matrix4().makeTranslation(hips.x, hips.y, hips.z));
      }
      const e = about.elements;
      for (let r = 0; r < 3; r++) for (let c = 0; c < 4; c++) data[(row * width + b * 3) * 4 + r * 4 + c] = DataUtils.toHalfFloat(e[c * 4 + r]!);
    }
  });
  const texture = new DataTexture(data, width, rows, RGBAFormat, HalfFloatType);
  return new KitMotion({ texture, layout: { clips: [], rows, width } }, skeleton);
}

/** A person of twice the size in a T pose, whose bones have axes of their own. */
function figure(): { root: Group; nodes: Map<string, Object3D> } {
  const root = new Group();
  const nodes = new Map<string, Object3D>();
  const places: Record<string, [string, number, number, number]> = {
    hips: ["", 0, 1.9, 0],
    spine: ["hips", 0, 2.1, 0],
    head: ["spine", 0, 3, 0],
    leftUpperArm: ["spine", 0.3, 2.8, 0],
    leftLowerArm: ["leftUpperArm", 0.8, 2.8, 0],
    leftHand: ["leftLowerArm", 1.3, 2.8, 0],
    leftUpperLeg: ["hips", 0.2, 1.8, 0],
    leftLowerLeg: ["leftUpperLeg", 0.2, 1, 0],
    leftFoot: ["", 0.2, 0.15, 0],
  };
  const armature = new Object3D();
  armature.scale.setScalar(100);
  armature.rotation.x = -Math.PI / 2;
  root.add(armature);
  root.updateMatrixWorld(true);
  for (const [name, [parent, x, y, z]] of Object.entries(places)) {
    const node = new Object3D();
    root.add(node);
    node.position.set(x, y, z);
    node.rotation.set(0.4, 1.1, -0.7);
    node.updateMatrixWorld(true);
    (nodes.get(parent) ?? armature).attach(node);
    nodes.set(name, node);
  }
  return { root, nodes };
}

const placeOf = (node: Object3D) => node.getWorldPosition(new Vector3());
const towards = (a: Object3D, b: Object3D) => placeOf(b).sub(placeOf(a)).normalize();
const kitArm = new Vector3(0.16, -0.21, 0).normalize();

describe("the kit's clips on another skeleton", () => {
  it("are read where those who rest are held by the graphics card", () => {
    expect(HELD_SHARE).toBe(theirs);
  });

  it("lay an arm that is held out along the kit's", () => {
    const { root, nodes } = figure();
    const rig = new Rig(motion({}), root, nodes);
    rig.pose(0, 0, 0);
    root.updateMatrixWorld(true);
    const arm = towards(nodes.get("leftUpperArm")!, nodes.get("leftLowerArm")!);
    expect(arm.distanceTo(kitArm)).toBeLessThan(0.01);
    // A lower arm likewise, a leg stays as it hangs, and so does the head.
    expect(towards(nodes.get("leftLowerArm")!, nodes.get("leftHand")!).y).toBeLessThan(-0.7);
    expect(towards(nodes.get("leftUpperLeg")!, nodes.get("leftLowerLeg")!).y).toBeCloseTo(-1, 2);
    expect(placeOf(nodes.get("head")!).y).toBeCloseTo(3, 2);
  });

  it("turn each bone as the kit's is turned, and mix two clips", () => {
    const { root, nodes } = figure();
    const up = new Quaternion().setFromUnitVectors(kitArm, new Vector3(0, 1, 0));
    const rig = new Rig(motion({ arm_l: up, forearm_l: up }), root, nodes);
    rig.pose(1, 0, 0);
    root.updateMatrixWorld(true);
    expect(towards(nodes.get("leftUpperArm")!, nodes.get("leftLowerArm")!).y).toBeCloseTo(1, 2);
    rig.pose(1, 0, 1);
    root.updateMatrixWorld(true);
    expect(towards(nodes.get("leftUpperArm")!, nodes.get("leftLowerArm")!).distanceTo(kitArm)).toBeLessThan(0.01);
    rig.pose(0.5, 0, 0);
    root.updateMatrixWorld(true);
    const half = towards(nodes.get("leftUpperArm")!, nodes.get("leftLowerArm")!).y;
    expect(half).toBeGreaterThan(-0.7);
    expect(half).toBeLessThan(0.9);
  });

  it("move the hips by as much more as the legs are longer", () => {
    const { root, nodes } = figure();
    const rig = new Rig(motion({}, new Vector3(0, -0.4, 0.1)), root, nodes);
    rig.pose(1, 0, 0);
    root.updateMatrixWorld(true);
    const hips = placeOf(nodes.get("hips")!);
    expect(hips.y).toBeCloseTo(1.9 - 0.8, 2);
    expect(hips.z).toBeCloseTo(0.2, 2);
  });

  it("hang a foot that stands apart on its leg", () => {
    const { root, nodes } = figure();
    const kick = new Quaternion().setFromAxisAngle(new Vector3(1, 0, 0), -Math.PI / 2);
    const rig = new Rig(motion({ thigh_l: kick, shin_l: kick }), root, nodes);
    rig.pose(1, 0, 0);
    root.updateMatrixWorld(true);
    const [knee, foot] = [placeOf(nodes.get("leftLowerLeg")!), placeOf(nodes.get("leftFoot")!)];
    expect(foot.distanceTo(knee)).toBeCloseTo(0.85, 2);
    expect(foot.z).toBeGreaterThan(knee.z + 0.7);
  });
});
