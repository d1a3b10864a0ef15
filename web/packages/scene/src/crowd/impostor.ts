// The farthest level of detail: one upright quad a person, on which the fragment shader draws head, body, arms and legs
// as strokes between the person's own joints. So even a speck across a stadium walks, sits and throws its arms up, for two
// triangles. Joints are found in the vertex-animation texture like those of all other levels.

import { BufferAttribute, InstancedBufferGeometry, Matrix4, type Skeleton, Vector3, Vector4 } from "three";
import { crowdLookup, dither } from "./shader.ts";

/** In the shader's order; the crown of the head is the head's joint and a hand's breadth. */
const jointNames = ["head", "neck", "hips", "hand_l", "hand_r", "foot_l", "foot_r"] as const;
export const JOINTS = jointNames.length;

/** Where each joint is in the bind pose, and in w its bone. A figure of other make may lack some: then its root serves. */
export function impostorJoints(skeleton: Skeleton): Vector4[] {
  return jointNames.map((name) => {
    const bone = Math.max(
      0,
      skeleton.bones.findIndex((one) => one.name.toLowerCase() === name),
    );
    const place = new Vector3().setFromMatrixPosition(new Matrix4().copy(skeleton.boneInverses[bone]!).invert());
    if (name === "head") place.y += 0.11;
    if (name.startsWith("foot")) place.y = 0.04;
    return new Vector4(place.x, place.y, place.z, bone);
  });
}

export function impostorQuad(): InstancedBufferGeometry {
  const geometry = new InstancedBufferGeometry();
  geometry.setAttribute("position", new BufferAttribute(new Float32Array([0, 0, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0]), 3));
  geometry.setAttribute("normal", new BufferAttribute(new Float32Array([0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0]), 3));
  geometry.setIndex([0, 1, 2, 0, 2, 3]);
  return geometry;
}

export const impostorPars = /* glsl */ `
${crowdLookup}
uniform vec4 mwJoints[ ${JOINTS} ];
varying vec2 vMwAt;
flat varying vec4 vMwTrunk;  // head, hips
flat varying vec4 vMwHands;
flat varying vec4 vMwFeet;
flat varying vec4 vMwNeck;  // neck, build, whether the face is turned to the eye
flat varying vec3 vMwSkin;
flat varying vec3 vMwHair;
flat varying vec3 vMwTop;
flat varying vec3 vMwBottom;

void mwFace() {
  MwPerson person = mwPersonOf(slot);
  vec2 size = mwSize(person.look);
  float shown = fract(person.clip.w) / 0.999;
  vec3 toEye = cameraPosition - person.place.xyz;
  toEye.y = 0.0;
  toEye = normalize(toEye + vec3(1e-4, 0.0, 0.0));
  vec3 right = vec3(toEye.z, 0.0, -toEye.x);
  float s = sin(person.place.w);
  float c = cos(person.place.w);
  vec2 at[ ${JOINTS} ];
  vec2 low = vec2(1e3);
  vec2 high = vec2(-1e3);
  for (int i = 0; i < ${JOINTS}; i++) {
    vec3 q = vec4(mwJoints[ i ].xyz, 1.0) * mwJoint(mwJoints[ i ].w, person.clip);
    q *= vec3(size.x * size.y, size.x, size.x * size.y);
    vec3 turned = vec3(q.x * c + q.z * s, q.y, q.z * c - q.x * s);
    at[ i ] = vec2(dot(turned, right), turned.y);
    low = min(low, at[ i ]);
    high = max(high, at[ i ]);
  }
  low -= vec2(0.22, 0.08);
  high += vec2(0.22, 0.18);
  vMwAt = mix(low, high, position.xy);
  vMwTrunk = vec4(at[ 0 ], at[ 2 ]);
  vMwHands = vec4(at[ 3 ], at[ 4 ]);
  vMwFeet = vec4(at[ 5 ], at[ 6 ]);
  vMwNeck = vec4(at[ 1 ], size.y, dot(vec3(s, 0.0, c), toEye));
  vMwSkin = mwColourOf(0.0, person.look);
  vMwHair = mwColourOf(9.0, person.look);
  vMwTop = mwColourOf(8.0, person.look) * 0.9;
  vMwBottom = mwColourOf(3.0, person.look) * 0.8;
  vMwShown = vec2(shown * mwAway(person.place.xyz), 0.0);
  mwPosition = person.place.xyz + right * vMwAt.x + vec3(0.0, vMwAt.y, 0.0);
  // Somebody round, seen from here: the middle between what faces the eye and what faces the sky.
  mwNormal = normalize(toEye * 0.75 + vec3(0.0, 0.6, 0.0));
}
`;

export const impostorStart = /* glsl */ `
  mwFace();
`;

export const impostorVertex: Record<string, string> = {
  beginnormal_vertex: "vec3 objectNormal = mwNormal;",
  begin_vertex: "vec3 transformed = mwPosition;",
};

export const impostorFragmentPars = /* glsl */ `
varying vec2 vMwShown;
varying vec2 vMwAt;
flat varying vec4 vMwTrunk;
flat varying vec4 vMwHands;
flat varying vec4 vMwFeet;
flat varying vec4 vMwNeck;
flat varying vec3 vMwSkin;
flat varying vec3 vMwHair;
flat varying vec3 vMwTop;
flat varying vec3 vMwBottom;

// Distance to a stroke from a to b that is ra wide at one end and rb at the other; in y how far along.
vec2 mwStroke(vec2 a, vec2 b, float ra, float rb) {
  vec2 along = b - a;
  float t = clamp(dot(vMwAt - a, along) / max(dot(along, along), 1e-5), 0.0, 1.0);
  return vec2(distance(vMwAt, a + along * t) - mix(ra, rb, t), t);
}

// Strokes are never thinner than a pixel's share, or limbs of far people would flicker.
vec3 mwPaint() {
  float pixel = 0.35 * fwidth(vMwAt.y);
  vec2 neck = vMwNeck.xy;
  float broad = vMwNeck.z;
  vec2 shoulder = vec2(0.15 * broad * (0.45 + 0.55 * abs(vMwNeck.w)), -0.07);
  vec3 colour = vec3(-1.0);
  vec2 leg = min(mwStroke(vMwTrunk.zw, vMwFeet.xy, 0.11, 0.06), mwStroke(vMwTrunk.zw, vMwFeet.zw, 0.11, 0.06));
  if (leg.x < pixel) colour = vMwBottom;
  if (mwStroke(vMwTrunk.zw, neck + vec2(0.0, -0.12), 0.14 * broad, 0.17 * broad).x < pixel) colour = vMwTop;
  float left = vMwHands.x < vMwHands.z ? -1.0 : 1.0;
  vec2 a = mwStroke(neck + vec2(left, 1.0) * shoulder, vMwHands.xy, 0.07, 0.045);
  vec2 b = mwStroke(neck + vec2(-left, 1.0) * shoulder, vMwHands.zw, 0.07, 0.045);
  vec2 arm = a.x < b.x ? a : b;
  if (arm.x < pixel) colour = arm.y > 0.82 ? vMwSkin : vMwTop * 0.93;
  vec2 head = (vMwAt - vMwTrunk.xy) / vec2(0.1, 0.135);
  if (dot(head, head) < 1.0 + 4.0 * pixel) colour = head.y > 0.35 - 0.9 * max(-vMwNeck.w, 0.0) * 1.6 ? vMwHair : vMwSkin;
  return colour;
}
`;

export const impostorFragment: Record<string, string> = {
  color_fragment: `${dither}
  diffuseColor.rgb = mwPaint();
  if (diffuseColor.r < 0.0) discard;`,
};
