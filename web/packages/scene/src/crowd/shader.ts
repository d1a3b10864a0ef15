// The shader text of the crowd. A vertex finds its person by slot, its bones in the vertex-animation texture, its
// colour by palette; whatever the person does not wear is folded away. The same text serves the picture and the shadow
// maps.

import { HELD_SHARE, WAVE_SCARF } from "./gait.ts";
import { CLIP_NAMES } from "./vat.ts";

const CLIPS = CLIP_NAMES.length;

/** How a vertex finds its person's pose, bones and colours. */
export const crowdLookup = /* glsl */ `
attribute uint slot;
uniform highp sampler2D mwPoses;
uniform highp usampler2D mwLooks;
uniform highp sampler2D mwClips;
uniform vec3 mwPalette[ 30 ];
// Heights of the eyes' and the mouth's middle in the model, its own height, and the number of the jacket's part.
uniform vec4 mwFigure;
uniform uint mwHats;
// Parts: the scarf that is worn, and the one that is held up while its wearer waves it.
uniform uvec2 mwScarf;
// Parts that cover the arms, and the legs.
uniform uvec2 mwCovers;
uniform float mwClock;
// First row, steps and seconds of each clip; 8 is how one sits on a seat.
uniform vec4 mwClipRows[ ${CLIPS} ];
// Seconds, and how many people one of the far crowd stands for.
uniform vec2 mwFarNow;
// Slot of the visitor's own avatar, and how near to the eye others fade out of the way.
uniform vec2 mwAside;
varying vec2 vMwShown;
vec3 mwPosition;
vec3 mwNormal;

mat3x4 mwBone(float bone, int row) {
  int x = int(bone) * 3;
  return mat3x4(texelFetch(mwClips, ivec2(x, row), 0), texelFetch(mwClips, ivec2(x + 1, row), 0),
                texelFetch(mwClips, ivec2(x + 2, row), 0));
}
mat3x4 mwMoment(float bone, float row) {
  int at = int(row);
#ifdef MW_BETWEEN
  float f = row - float(at);
  return mwBone(bone, at) * (1.0 - f) + mwBone(bone, at + 1) * f;
#else
  return mwBone(bone, at);
#endif
}
mat3x4 mwJoint(float bone, vec4 clip) {
  mat3x4 m = mwMoment(bone, clip.x);
#ifdef MW_CROSS
  if (clip.z > 0.0) {
    float share = clip.z * clip.z * (3.0 - 2.0 * clip.z);
    m = m * (1.0 - share) + mwMoment(bone, clip.y) * share;
  }
#endif
  return m;
}
uint mwByte(uint word, int i) { return (word >> uint(8 * i)) & 255u; }

vec3 mwColourOf(float colourSlot, uvec4 look) {
  uint i = 28u;
  if (colourSlot < 0.5) i = mwByte(look.y, 0);
  else if (colourSlot < 1.5) i = mwByte(look.y, 1);
  else if (colourSlot < 2.5) i = mwByte(look.y, 2);
  else if (colourSlot < 3.5) i = mwByte(look.y, 3);
  else if (colourSlot < 4.5) i = mwByte(look.z, 0);
  else if (colourSlot < 5.5) i = mwByte(look.z, 1);
  else if (colourSlot < 6.5) i = 28u;
  else if (colourSlot < 7.5) i = 29u;
  else if (colourSlot < 8.5) i = ((look.x >> uint(mwFigure.w)) & 1u) == 1u ? mwByte(look.z, 1) : mwByte(look.y, 2);
  else i = (look.x & mwHats) != 0u ? mwByte(look.z, 1) : mwByte(look.y, 1);
  return mwPalette[ min(i, 29u) ];
}

// The row of who is held (people.ts): below zero stands the clip, and behind the point how far it was at second 0.
float mwRowOf(float row) {
  if (row >= 0.0) return row;
  float held = -1.0 - row;
  vec4 clip = mwClipRows[ min(int(held), ${CLIPS - 1}) ];
  return clip.x + fract(fract(held) / ${HELD_SHARE} + mwFarNow.x / clip.z) * clip.y;
}
bool mwScarfUp(float row, uvec4 look) {
  vec4 clip = mwClipRows[ ${WAVE_SCARF} ];
  return mwScarf.y < 31u && ((look.x >> mwScarf.x) & 1u) == 1u && row >= clip.x && row <= clip.x + clip.y;
}
struct MwPerson { vec4 place; vec4 clip; uvec4 look; };
MwPerson mwPersonOf(uint who) {
  int texel = int(who) * 2;
  int wide = textureSize(mwPoses, 0).x;
  ivec2 at = ivec2(texel % wide, texel / wide);
  int lookWide = textureSize(mwLooks, 0).x;
  uvec4 look = texelFetch(mwLooks, ivec2(int(who) % lookWide, int(who) / lookWide), 0);
  vec4 clip = texelFetch(mwPoses, at + ivec2(1, 0), 0);
  clip.x = mwRowOf(clip.x);
  return MwPerson(texelFetch(mwPoses, at, 0), clip, look);
}
// How tall the person is against the model, and how broad.
vec2 mwSize(uvec4 look) {
  float height = 1.4 + float(mwByte(look.z, 2)) / 255.0 * 0.8;
  return vec2(height / mwFigure.z, 0.7 + float(mwByte(look.z, 3)) / 255.0 * 0.7);
}
float mwAway(vec3 place) {
  return smoothstep(mwAside.y * 0.72, mwAside.y, distance(place + vec3(0.0, 1.2, 0.0), cameraPosition));
}
`;

export const crowdPars = /* glsl */ `
attribute vec4 _part;
#ifdef MW_INFLUENCES
attribute vec4 skinIndex;
attribute vec4 skinWeight;
#endif
varying vec3 vMwColour;
bool mwFolded;
${crowdLookup}
// Skin under cloth is drawn in, or it would show through where limbs bend.
vec3 mwUnderCloth(vec3 p, vec3 bindNormal, uvec4 look) {
  // A waistband keeps under the hem of the top, and long hair over the collar and the back.
  if (_part.y > 2.5 && _part.y < 3.5) return p - bindNormal * (0.016 * smoothstep(0.90, 0.95, p.y));
  if (_part.y > 0.5 && _part.y < 1.5)
    p.z -= 0.036 * (1.0 - smoothstep(1.40, 1.50, p.y)) * (1.0 - smoothstep(-0.05, 0.0, p.z));
  if (_part.x > 0.5 || _part.y > 0.5) return p;
  float side = abs(p.x);
  float under = 1.0 - smoothstep(1.34, 1.41, p.y);
  if (side > 0.21 && p.y > 0.8) under = (look.x & mwCovers.x) != 0u ? 1.0 - smoothstep(0.38, 0.46, side) : 0.0;
  else if (p.y < 0.94) under = (look.x & mwCovers.y) != 0u ? smoothstep(0.08, 0.16, p.y) : 0.0;
#ifndef MW_FACE
  // Coarse hair is no closed cap over the skull.
  under = max(under, smoothstep(1.62, 1.66, p.y) * smoothstep(0.06, 0.0, p.z));
#endif
  return p - bindNormal * (0.018 * under);
}

// Eyes close for a tenth of a second every few seconds; the mouth moves while the person speaks.
vec3 mwFace(vec3 p, vec4 clip, float seed) {
#ifdef MW_FACE
  if (_part.w < 0.5) return p;
  if (_part.w < 1.5) {
    float wink = fract(mwClock * (0.21 + 0.1 * seed) + seed * 7.0);
    float closed = 1.0 - smoothstep(0.0, 0.012, abs(wink - 0.02));
    p.y = mix(p.y, mwFigure.x, 0.93 * closed);
  } else {
    bool speaks = mod(floor(clip.w), 4.0) > 1.5;
    float open = speaks ? 0.5 + 0.5 * sin(mwClock * 17.0 + seed * 40.0) * sin(mwClock * 5.3 + seed * 9.0) : 0.0;
    p.y = mwFigure.y + (p.y - mwFigure.y) * (1.0 + 2.6 * open);
  }
#endif
  return p;
}

void mwStand(vec3 bindPosition, vec3 bindNormal) {
  MwPerson person = mwPersonOf(slot);
  vec4 place = person.place;
  vec4 clip = person.clip;
  uvec4 look = person.look;
  uint part = uint(_part.x + 0.5);
  mwFolded = part > 0u && ((look.x >> part) & 1u) == 0u;
  if (part > 0u && (part == mwScarf.x || part == mwScarf.y)) {
    bool up = mwScarfUp(clip.x, look);
    mwFolded = part == mwScarf.y ? !up : mwFolded || (up && mwScarf.y < 31u);
  }
  mwPosition = vec3(0.0);
  mwNormal = vec3(0.0, 1.0, 0.0);
  vMwColour = vec3(0.0);
  vMwShown = vec2(1.0, 0.0);
  if (mwFolded) return;
  float shown = fract(clip.w) / 0.999;
  float seed = float(look.w & 1023u) / 1024.0;
  vec3 p = bindPosition;
  p = mwUnderCloth(p, bindNormal, look);
  p = mwFace(p, clip, seed);
#if defined( MW_INFLUENCES ) && MW_INFLUENCES > 1
  mat3x4 m = mwJoint(skinIndex.x, clip) * skinWeight.x;
  if (skinWeight.y > 0.0) m += mwJoint(skinIndex.y, clip) * skinWeight.y;
  #if MW_INFLUENCES > 2
  if (skinWeight.z > 0.0) m += mwJoint(skinIndex.z, clip) * skinWeight.z;
  if (skinWeight.w > 0.0) m += mwJoint(skinIndex.w, clip) * skinWeight.w;
  m /= max(dot(skinWeight, vec4(1.0)), 1e-4);
  #else
  m /= max(skinWeight.x + skinWeight.y, 1e-4);
  #endif
#else
  mat3x4 m = mwJoint(skinIndex.x, clip);
#endif
  vec3 q = vec4(p, 1.0) * m;
  vec3 n = normalize(vec4(bindNormal, 0.0) * m);
  float tall = mwSize(look).x;
  float build = mwSize(look).y;
  // Heads differ less in width than bodies do.
  float wide3 = tall * mix(build, 1.0 + 0.25 * (build - 1.0), smoothstep(0.79, 0.86, bindPosition.y / mwFigure.z));
  q *= vec3(wide3, tall, wide3) * mix(0.82, 1.0, shown);
  float s = sin(place.w);
  float c = cos(place.w);
  mwPosition = vec3(q.x * c + q.z * s, q.y, q.z * c - q.x * s) + place.xyz;
  mwNormal = vec3(n.x * c + n.z * s, n.y, n.z * c - n.x * s);
  vec3 colour = mwColourOf(_part.y, look);
  // The same cloth is never quite the same twice.
  float shade = fract(seed * 13.7 + floor(_part.y + 0.5) * 0.37);
  colour *= _part.y < 5.5 || _part.y > 7.5 ? 0.94 + 0.12 * shade : 1.0;
  // The darkest cloth and hair are charcoal: black takes no light, and a body in it has no shape.
  colour += 0.026 * (1.0 - smoothstep(0.0, 0.09, dot(colour, vec3(0.2126, 0.7152, 0.0722))));
  vMwColour = colour * mix(0.35, 1.0, _part.z / 255.0);
  vMwShown = vec2(shown * (float(slot) == mwAside.x ? 1.0 : mwAway(place.xyz)), _part.y < 0.5 ? 1.0 : 0.0);
}
`;

export const crowdStart = /* glsl */ `
  mwStand(position, normal);
`;

export const crowdVertex: Record<string, string> = {
  beginnormal_vertex: "vec3 objectNormal = mwNormal;",
  begin_vertex: "vec3 transformed = mwPosition;",
  clipping_planes_vertex: "  if (mwFolded) gl_Position = vec4(2.0, 2.0, 2.0, 1.0);",
};

export const crowdFragmentPars = /* glsl */ `
varying vec3 vMwColour;
varying vec2 vMwShown;
`;

/** Who comes or goes is dithered: no sorting, and shadows agree. */
export const dither = /* glsl */ `
  float pattern = fract(52.9829189 * fract(dot(gl_FragCoord.xy, vec2(0.06711056, 0.00583715))));
  if (vMwShown.x < 0.99 && vMwShown.x < pattern) discard;
`;

export const crowdFragment: Record<string, string> = {
  color_fragment: `${dither}
  diffuseColor.rgb = vMwColour;`,
  // A faint light along the edge against the sky tells people from the ground behind them; skin lets a little light
  // through.
  lights_fragment_end: /* glsl */ `
  #include <lights_fragment_end>
  {
    float edge = 1.0 - max(dot(normal, geometryViewDir), 0.0);
    vec3 worldNormal = (vec4(normal, 0.0) * viewMatrix).xyz;
    float fromSky = clamp(0.6 + 0.4 * worldNormal.y, 0.0, 1.0);
    reflectedLight.indirectDiffuse += mwMiddle * diffuseColor.rgb * edge * edge * edge * 0.55 * fromSky;
    float wrap = max(dot(worldNormal, mwSun) + 0.35, 0.0) - max(dot(worldNormal, mwSun), 0.0);
    reflectedLight.indirectDiffuse += vMwShown.y * mwSunColour * diffuseColor.rgb * vec3(0.5, 0.25, 0.18) * wrap * 0.6;
  }`,
};

export const crowdDepthFragment: Record<string, string> = { map_fragment: dither };

export const blobVertex = /* glsl */ `
attribute uint slot;
uniform highp sampler2D mwPoses;
uniform highp usampler2D mwLooks;
// Direction of shadows over the ground, their length for a height of 1 m, and the distance where shadow maps end.
uniform vec4 mwCast;
varying vec2 vAt;
varying vec3 vFromEye;
varying vec2 vStrength;
void main() {
  int texel = int(slot) * 2;
  int wide = textureSize(mwPoses, 0).x;
  ivec2 at = ivec2(texel % wide, texel / wide);
  vec4 place = texelFetch(mwPoses, at, 0);
  float flags = texelFetch(mwPoses, at + ivec2(1, 0), 0).w;
  float lift = floor(flags / 4.0) / 64.0;
  float shown = fract(flags) / 0.999;
  float away = distance(place.xz, cameraPosition.xz);
  // Where shadow maps reach, only the dark spot at the feet; beyond, the whole shadow as one soft stroke.
  float drawn = smoothstep(mwCast.w * 0.82, mwCast.w, away);
  float reach = mwCast.z * 1.6 * drawn;
  vec2 along = mwCast.xy;
  vec2 across = vec2(-along.y, along.x);
  float u = position.x * 0.5 + 0.5;
  vec2 offset = along * mix(-0.34, 0.34 + reach, u) + across * position.y * 0.36;
  vec3 world = vec3(place.x + offset.x, place.y - lift + 0.025, place.z + offset.y);
  vAt = vec2(mix(-1.0, 1.0 + reach / 0.34, u), position.y);
  vStrength = vec2(shown * (1.0 - clamp(lift * 0.6, 0.0, 0.8)), drawn);
  vFromEye = world - cameraPosition;
  gl_Position = projectionMatrix * viewMatrix * vec4(world, 1.0);
}`;

export const blobFragment = /* glsl */ `
uniform vec4 mwCast;
uniform float mwHaze;
uniform vec3 mwShade;
varying vec2 vAt;
varying vec3 vFromEye;
varying vec2 vStrength;
void main() {
  float spot = 0.5 * exp(-2.4 * dot(vAt, vAt));
  float end = 1.0 + mwCast.z * 1.6 / 0.34;
  float side = exp(-3.2 * vAt.y * vAt.y);
  float stroke = smoothstep(-0.9, 0.1, vAt.x) * (1.0 - smoothstep(end * 0.45, end, vAt.x)) * side;
  float a = max(spot, stroke * 0.55 * vStrength.y) * vStrength.x;
  a *= smoothstep(1.0, 0.72, abs(vAt.y)) * exp(-mwHaze * length(vFromEye));
  gl_FragColor = vec4(mwShade, a);
}`;
