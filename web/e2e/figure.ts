// Figures of people's own, made by program: tubes of four sides along the bones of a person, in a colour, as VRM 1.0 or as a .glb.

const bones: Record<string, [string, number, number, number]> = {
  hips: ["", 0, 0.9, 0],
  spine: ["hips", 0, 1, 0],
  chest: ["spine", 0, 1.15, 0],
  neck: ["chest", 0, 1.42, 0],
  head: ["neck", 0, 1.5, 0],
  leftUpperArm: ["chest", 0.18, 1.38, 0],
  leftLowerArm: ["leftUpperArm", 0.45, 1.38, 0],
  leftHand: ["leftLowerArm", 0.7, 1.38, 0],
  rightUpperArm: ["chest", -0.18, 1.38, 0],
  rightLowerArm: ["rightUpperArm", -0.45, 1.38, 0],
  rightHand: ["rightLowerArm", -0.7, 1.38, 0],
  leftUpperLeg: ["hips", 0.1, 0.86, 0],
  leftLowerLeg: ["leftUpperLeg", 0.1, 0.47, 0],
  leftFoot: ["leftLowerLeg", 0.1, 0.08, 0],
  rightUpperLeg: ["hips", -0.1, 0.86, 0],
  rightLowerLeg: ["rightUpperLeg", -0.1, 0.47, 0],
  rightFoot: ["rightLowerLeg", -0.1, 0.08, 0],
};
const thick: Record<string, number> = { spine: 0.16, chest: 0.17, neck: 0.17, head: 0.07 };

export interface Shape {
  colour: [number, number, number];
  /** VRM 1.0's meta; without it a plain .glb. */
  meta?: object;
  /** This bone's joint has no name, and the VRM does not name it. */
  lacks?: string;
}

type Point = [number, number, number];

function tube(out: { at: number[]; normal: number[]; joint: number[]; index: number[] }, from: Point, to: Point, radius: number, joint: number): void {
  const along = to.map((v, i) => v - from[i]!) as Point;
  const flat = Math.abs(along[1]) < 0.9 * Math.hypot(...along);
  const a: Point = flat ? [0, 1, 0] : [1, 0, 0];
  const b: Point = [0, 0, 1];
  const rings = 6;
  const sides = 12;
  const first = out.at.length / 3;
  for (let ring = 0; ring <= rings; ring++) {
    for (let side = 0; side < sides; side++) {
      const angle = (2 * Math.PI * side) / sides;
      const n = [0, 1, 2].map((k) => a[k]! * Math.cos(angle) + b[k]! * Math.sin(angle));
      for (let k = 0; k < 3; k++) {
        out.at.push(from[k]! + (along[k]! * ring) / rings + n[k]! * radius);
        out.normal.push(n[k]!);
      }
      out.joint.push(joint, 0, 0, 0);
    }
  }
  for (let ring = 0; ring < rings; ring++) {
    for (let side = 0; side < sides; side++) {
      const [p, q] = [first + ring * sides + side, first + ring * sides + ((side + 1) % sides)];
      out.index.push(p, p + sides, q, q, p + sides, q + sides, p, q, p + sides, q, q + sides, p + sides);
    }
  }
}

function glb(json: object, bytes: Buffer): Buffer {
  const text = Buffer.from(JSON.stringify(json));
  const padded = Buffer.concat([text, Buffer.alloc((4 - (text.length % 4)) % 4, " ")]);
  const binary = Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
  const words = (...values: number[]) => Buffer.from(new Uint32Array(values).buffer);
  const length = 12 + 8 + padded.length + 8 + binary.length;
  return Buffer.concat([words(0x46546c67, 2, length, padded.length, 0x4e4f534a), padded, words(binary.length, 0x004e4942), binary]);
}

export function figure({ colour, meta, lacks }: Shape): Buffer {
  const names = Object.keys(bones);
  const out = { at: [] as number[], normal: [] as number[], joint: [] as number[], index: [] as number[] };
  const nodes: { name?: string; translation: number[]; children?: number[] }[] = [];
  names.forEach((name, i) => {
    const [parent, x, y, z] = bones[name]!;
    const above = parent ? (bones[parent]!.slice(1) as Point) : ([0, 0, 0] as Point);
    nodes.push({ ...(name === lacks ? {} : { name }), translation: [x - above[0], y - above[1], z - above[2]] });
    if (parent) (nodes[names.indexOf(parent)]!.children ??= []).push(i);
    if (parent) tube(out, above, [x, y, z], thick[name] ?? 0.06, names.indexOf(parent));
  });
  tube(out, [0, 1.5, 0], [0, 1.72, 0], 0.11, names.indexOf("head"));
  tube(out, [0.1, 0.08, 0], [0.1, 0.01, 0], 0.08, names.indexOf("leftFoot"));
  tube(out, [-0.1, 0.08, 0], [-0.1, 0.01, 0], 0.08, names.indexOf("rightFoot"));
  const count = out.at.length / 3;
  const inverse = names.flatMap((name) => {
    const [, x, y, z] = bones[name]!;
    return [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, -x, -y, -z, 1];
  });
  const weights = Array.from({ length: count * 4 }, (_, i) => (i % 4 === 0 ? 1 : 0));
  const parts = [
    Buffer.from(new Float32Array(out.at).buffer),
    Buffer.from(new Float32Array(out.normal).buffer),
    Buffer.from(new Uint8Array(out.joint).buffer),
    Buffer.from(new Float32Array(weights).buffer),
    Buffer.from(new Float32Array(inverse).buffer),
    Buffer.from(new Uint16Array(out.index).buffer),
  ];
  let offset = 0;
  const bufferViews = parts.map((part) => {
    const view = { buffer: 0, byteOffset: offset, byteLength: part.length };
    offset += part.length;
    return view;
  });
  const axis = (k: number) => out.at.filter((_, i) => i % 3 === k);
  const json = {
    asset: { version: "2.0" },
    scene: 0,
    scenes: [{ nodes: [0, nodes.length] }],
    nodes: [...nodes, { mesh: 0, skin: 0 }],
    skins: [{ joints: names.map((_, i) => i), inverseBindMatrices: 4 }],
    meshes: [{ primitives: [{ attributes: { POSITION: 0, NORMAL: 1, JOINTS_0: 2, WEIGHTS_0: 3 }, indices: 5, material: 0 }] }],
    materials: [{ pbrMetallicRoughness: { baseColorFactor: [...colour, 1], metallicFactor: 0 } }],
    buffers: [{ byteLength: offset }],
    bufferViews,
    accessors: [
      { bufferView: 0, componentType: 5126, count, type: "VEC3", min: [0, 1, 2].map((k) => Math.min(...axis(k))), max: [0, 1, 2].map((k) => Math.max(...axis(k))) },
      { bufferView: 1, componentType: 5126, count, type: "VEC3" },
      { bufferView: 2, componentType: 5121, count, type: "VEC4" },
      { bufferView: 3, componentType: 5126, count, type: "VEC4" },
      { bufferView: 4, componentType: 5126, count: names.length, type: "MAT4" },
      { bufferView: 5, componentType: 5123, count: out.index.length, type: "SCALAR" },
    ],
    ...(meta
      ? {
          extensionsUsed: ["VRMC_vrm"],
          extensions: {
            VRMC_vrm: {
              specVersion: "1.0",
              meta,
              humanoid: { humanBones: Object.fromEntries(names.filter((name) => name !== lacks).map((name) => [name, { node: names.indexOf(name) }])) },
            },
          },
        }
      : {}),
  };
  return glb(json, Buffer.concat(parts));
}
