// The farthest level of detail: one upright quad a person, on which the fragment shader draws head, body, arms and legs
// as strokes between the person's own joints. So even a speck across a stadium walks, sits and throws its arms up, for two
// triangles. Joints are found in the vertex-animation texture like those of all other levels.

import { BufferAttribute, InstancedBufferGeometry, Matrix4, type Skeleton, Vector3, Vector4 } from "three";
import { WAVE_SCARF } from "./gait.ts";
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

/**
 * People of the far crowd (far.ts): who they are follows from their entity as guessAppearance (looks.ts) has it, what they do
 * from their aggregate's shares and the time.
 */
const farPeople = /* glsl */ `
uniform highp sampler2D mwFar;
uniform highp sampler2D mwFarParts;
uint mwScramble(uint x) {
  x = (x ^ (x >> 16)) * 0x21f0aaadu;
  x = (x ^ (x >> 15)) * 0x735a2d97u;
  return x ^ (x >> 15);
}
uvec4 mwFarLook(uint h) {
  uint height = uint(((1.62 + float(h & 31u) / 31.0 * 0.22) - 1.4) / 0.8 * 255.0 + 0.5);
  uint build = uint(((0.92 + float((h >> 5) & 15u) / 15.0 * 0.18) - 0.7) / 0.7 * 255.0 + 0.5);
  uint colours = ((h >> 9) & 7u) | (8u + ((h >> 15) & 3u)) << 8 | (16u + ((h >> 19) & 15u) % 12u) << 16 |
    (26u + ((h >> 23) & 1u)) << 24;
  uint rest = (25u + ((h >> 24) & 1u)) | (16u + (h >> 28) % 12u) << 8 | height << 16 | build << 24;
  uint scarf = (h >> 25) & (h >> 27) & 1u;
  return uvec4(((h >> 26) & 1u) << uint(mwFigure.w) | scarf << mwScarf.x, colours, rest, h);
}
MwPerson mwFarPerson(uint who) {
  int texel = int(who) * 2;
  int wide = textureSize(mwFar, 0).x;
  ivec2 at = ivec2(texel % wide, texel / wide);
  vec4 place = texelFetch(mwFar, at, 0);
  vec4 about = texelFetch(mwFar, at + ivec2(1, 0), 0);
  int row = int(about.y);
  vec4 low = texelFetch(mwFarParts, ivec2(0, row), 0);
  vec4 high = texelFetch(mwFarParts, ivec2(1, row), 0);
  vec4 part = texelFetch(mwFarParts, ivec2(2, row), 0);
  uint h = mwScramble(uint(about.x));
  uint g = mwScramble(h);
  float chance = float(g & 4095u) / 4096.0;
  float other = float((g >> 12) & 4095u) / 4096.0;
  // It is not always the same who claps.
  float mood = fract(chance + 0.618034 * floor(mwFarNow.x / (7.0 + 9.0 * other) + 8.0 * chance));
  int doing = 3;
  if (mood < low.x) doing = about.z > 0.5 ? 8 : 4;
  else if (mood < low.y) doing = 0;
  else if (mood < low.z) doing = 7;
  else if (mood < low.w) doing = 5;
  else if (mood < high.x) doing = 6;
  else if (mood < high.y) doing = 1;
  else if (mood < high.z) doing = 2;
  if (doing == 3) doing = 0;
  if (about.z < 0.5 && (doing == 1 || doing == 2)) {
    // To and fro, for as long as nobody looks closely; where all go one way, that way.
    float speed = doing == 1 ? 1.1 + 0.5 * other : 3.5;
    float path = 4.0 + 8.0 * chance;
    float turn = fract(mwFarNow.x * speed / (2.0 * path) + other);
    vec2 way = length(part.yz) > 0.6 ? normalize(part.yz) : vec2(sin(place.w), cos(place.w));
    place.xz += way * (abs(turn * 2.0 - 1.0) - 0.5) * path;
    if (turn < 0.5) way = -way;
    place.w = atan(way.x, way.y);
  }
  uvec4 look = mwFarLook(h);
  if (doing == 5 && ((look.x >> mwScarf.x) & 1u) == 1u) doing = ${WAVE_SCARF};
  vec4 clip = mwClipRows[ doing ];
  float phase = fract(mwFarNow.x / clip.z * (0.9 + 0.2 * other) + chance);
  return MwPerson(place, vec4(clip.x + phase * clip.y, 0.0, 0.0, part.x * 0.999), look);
}
`;

export const impostorPars = /* glsl */ `
${crowdLookup}
${farPeople}
uniform vec4 mwJoints[ ${JOINTS} ];
varying vec2 vMwAt;
flat varying float vMwMany;
// Of a scarf that is held up: its colour in three times eight bits, below 0 without.
flat varying float vMwScarf;
flat varying vec4 vMwTrunk;  // head, hips
flat varying vec4 vMwHands;
flat varying vec4 vMwFeet;
flat varying vec4 vMwNeck;  // neck, build, whether the face is turned to the eye
flat varying vec3 vMwSkin;
flat varying vec3 vMwHair;
flat varying vec3 vMwTop;
flat varying vec3 vMwBottom;

void mwFace() {
  bool far = slot >= 0x80000000u;
  MwPerson person;
  if (far) person = mwFarPerson(slot & 0x7fffffffu);
  else person = mwPersonOf(slot);
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
  vMwMany = far ? mwFarNow.y : 1.0;
  low.x -= 0.26 * (vMwMany - 1.0);
  high.x += 0.26 * (vMwMany - 1.0);
  vMwAt = mix(low, high, position.xy);
  vMwTrunk = vec4(at[ 0 ], at[ 2 ]);
  vMwHands = vec4(at[ 3 ], at[ 4 ]);
  vMwFeet = vec4(at[ 5 ], at[ 6 ]);
  vMwNeck = vec4(at[ 1 ], size.y, dot(vec3(s, 0.0, c), toEye));
  vMwSkin = mwColourOf(0.0, person.look);
  vMwHair = mwColourOf(9.0, person.look);
  vMwTop = mwColourOf(8.0, person.look) * 0.9;
  vMwBottom = mwColourOf(3.0, person.look) * 0.8;
  vMwScarf = -1.0;
  if (mwScarfUp(person.clip.x, person.look)) vMwScarf = dot(floor(sqrt(mwColourOf(5.0, person.look)) * 255.0), vec3(1.0, 256.0, 65536.0));
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
flat varying float vMwMany;
flat varying float vMwScarf;
vec2 mwAt;
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
  float t = clamp(dot(mwAt - a, along) / max(dot(along, along), 1e-5), 0.0, 1.0);
  return vec2(distance(mwAt, a + along * t) - mix(ra, rb, t), t);
}

// Strokes are never thinner than a pixel's share, or limbs of far people would flicker.
vec3 mwPaint() {
  float pixel = 0.35 * fwidth(vMwAt.y);
  // Neighbours stand half a metre apart; the colours of their clothes are this one's in another order.
  float neighbour = clamp(floor(vMwAt.x / 0.52 + 0.5 * vMwMany), 0.0, vMwMany - 1.0);
  mwAt = vec2(vMwAt.x - (neighbour - 0.5 * (vMwMany - 1.0)) * 0.52, vMwAt.y);
  vec3 top = neighbour < 0.5 ? vMwTop : neighbour < 1.5 ? vMwTop.zxy : vMwTop.yzx;
  vec2 neck = vMwNeck.xy;
  float broad = vMwNeck.z;
  vec2 shoulder = vec2(0.15 * broad * (0.45 + 0.55 * abs(vMwNeck.w)), -0.07);
  vec3 colour = vec3(-1.0);
  vec2 leg = min(mwStroke(vMwTrunk.zw, vMwFeet.xy, 0.11, 0.06), mwStroke(vMwTrunk.zw, vMwFeet.zw, 0.11, 0.06));
  if (leg.x < pixel) colour = vMwBottom;
  if (mwStroke(vMwTrunk.zw, neck + vec2(0.0, -0.12), 0.14 * broad, 0.17 * broad).x < pixel) colour = top;
  float left = vMwHands.x < vMwHands.z ? -1.0 : 1.0;
  vec2 a = mwStroke(neck + vec2(left, 1.0) * shoulder, vMwHands.xy, 0.07, 0.045);
  vec2 b = mwStroke(neck + vec2(-left, 1.0) * shoulder, vMwHands.zw, 0.07, 0.045);
  vec2 arm = a.x < b.x ? a : b;
  if (arm.x < pixel) colour = arm.y > 0.82 ? vMwSkin : top * 0.93;
  vec2 head = (mwAt - vMwTrunk.xy) / vec2(0.1, 0.135);
  if (dot(head, head) < 1.0 + 4.0 * pixel) colour = head.y > 0.35 - 0.9 * max(-vMwNeck.w, 0.0) * 1.6 ? vMwHair : vMwSkin;
  if (vMwScarf >= 0.0 && mwStroke(vMwHands.xy, vMwHands.zw, 0.085, 0.085).x < pixel) {
    vec3 coded = floor(mod(vMwScarf / vec3(1.0, 256.0, 65536.0), 256.0)) / 255.0;
    colour = coded * coded;
  }
  return colour;
}
`;

export const impostorFragment: Record<string, string> = {
  color_fragment: `${dither}
  diffuseColor.rgb = mwPaint();
  if (diffuseColor.r < 0.0) discard;`,
};
