// Makes a material part of the world's air: haze in the sky's colour, the sun's cascaded shadow, and where asked wind
// or water. three.js materials stay what they are; the pieces are put into their shader text when it is first compiled.

import {
  Color,
  Material,
  MeshBasicMaterial,
  MeshLambertMaterial,
  MeshStandardMaterial,
  ShaderChunk,
  type WebGLProgramParametersWithUniforms as Program,
} from "three";
import { type Air, airPars } from "./air.ts";

export type Dressing = "plain" | "leaf" | "water" | "glow";

/** A piece of shader text put in the place of an `#include`, or behind it. */
export interface Patch {
  vertexPars?: string;
  /** At the very start of main(). */
  vertexStart?: string;
  replaceVertex?: Record<string, string>;
  fragmentPars?: string;
  replaceFragment?: Record<string, string>;
}

const sunMarker = "#if ( NUM_DIR_LIGHTS > 0 ) && defined( RE_Direct )";
const areaMarker = "#if ( NUM_RECT_AREA_LIGHTS > 0 )";

/** three.js adds up directional lights; here all of them are the one sun, each with a cascade of its shadow. */
function lightsWithOneSun(): string {
  const chunk = ShaderChunk.lights_fragment_begin;
  const from = chunk.indexOf(sunMarker);
  const to = chunk.indexOf(areaMarker);
  if (from < 0 || to < from) throw new Error("three.js: the lights chunk has changed");
  return `${chunk.slice(0, from)}
#if NUM_DIR_LIGHTS > 0 && defined( RE_Direct )
  DirectionalLight directionalLight = directionalLights[ 0 ];
  getDirectionalLightInfo( directionalLight, directLight );
  directLight.color *= mwSunlit();
  RE_Direct( directLight, geometryPosition, geometryNormal, geometryViewDir, geometryClearcoatNormal, material, reflectedLight );
#endif
${chunk.slice(to)}`;
}

const cascade = (i: number) => `getShadow( directionalShadowMap[ ${i} ], directionalLightShadows[ ${i} ].shadowMapSize,
    directionalLightShadows[ ${i} ].shadowIntensity, directionalLightShadows[ ${i} ].shadowBias,
    directionalLightShadows[ ${i} ].shadowRadius, vDirectionalShadowCoord[ ${i} ] )`;

/** The nearest cascade that holds the point decides; at its rim it passes into the next, the last one into light. */
const sunlit = /* glsl */ `
float mwInside(vec3 c, float rim) {
  vec2 e = min(c.xy, 1.0 - c.xy);
  return c.z > 1.0 ? 0.0 : smoothstep(0.0, rim, min(e.x, e.y));
}
float mwSunlit() {
  float lit = 1.0;
#if defined( USE_SHADOWMAP ) && NUM_DIR_LIGHT_SHADOWS > 0
  if (!receiveShadow) return 1.0;
  float near = mwInside(vDirectionalShadowCoord[ 0 ].xyz, 0.08);
  #if NUM_DIR_LIGHT_SHADOWS > 1
  if (near < 1.0) {
    float middle = mwInside(vDirectionalShadowCoord[ 1 ].xyz, 0.08);
    #if NUM_DIR_LIGHT_SHADOWS > 2
    if (middle < 1.0) {
      float far = mwInside(vDirectionalShadowCoord[ 2 ].xyz, 0.12);
      if (far > 0.0) lit = mix(1.0, ${cascade(2)}, far);
    }
    #endif
    if (middle > 0.0) lit = mix(lit, ${cascade(1)}, middle);
  }
  #endif
  if (near > 0.0) lit = mix(lit, ${cascade(0)}, near);
#endif
  return lit;
}
`;

/** Where a vertex stands in the world: positions may be quantised, so their own axes say nothing about metres. */
const placed = /* glsl */ `
#include <project_vertex>
  vec4 mwPlaced = vec4(transformed, 1.0);
#ifdef USE_INSTANCING
  mwPlaced = instanceMatrix * mwPlaced;
#endif
  mwPlaced = modelMatrix * mwPlaced;
`;

const wind = /* glsl */ `
  float mwBend = smoothstep(0.3, 4.0, mwPlaced.y) * mwWind;
  float mwGust = sin(mwTime * 0.9 + dot(mwPlaced.xz, vec2(0.22, 0.17))) + 0.5 * sin(mwTime * 1.7 + mwPlaced.z * 0.31);
  float mwRustle = sin(mwTime * 4.3 + dot(mwPlaced.xyz, vec3(3.1, 2.3, 2.7)));
  vec3 mwSway = mwBend * vec3(0.03 * mwGust + 0.01 * mwRustle, 0.007 * mwRustle, 0.02 * mwGust - 0.01 * mwRustle);
  mvPosition.xyz += mat3(viewMatrix) * mwSway;
  gl_Position = projectionMatrix * mvPosition;
`;

const waterPars = /* glsl */ `
vec2 mwWave(vec2 p, float t) {
  vec2 s = vec2(0.0);
  s += vec2(0.8, 0.6) * cos(dot(p, vec2(0.8, 0.6)) * 3.1 + t * 1.5);
  s += vec2(-0.4, 0.9) * cos(dot(p, vec2(-0.4, 0.9)) * 5.3 + t * 1.9);
  s += vec2(0.95, -0.3) * cos(dot(p, vec2(0.95, -0.3)) * 8.9 - t * 2.6);
  s += vec2(0.2, -1.0) * cos(dot(p, vec2(0.2, -1.0)) * 14.7 + t * 3.7);
  return s;
}`;

/** Water mirrors the sky the more, the flatter one looks at it, and glitters towards the sun. */
const water = /* glsl */ `
#include <opaque_fragment>
{
  vec3 mwToEye = normalize((vec4(vMwView, 0.0) * viewMatrix).xyz) * -1.0;
  vec3 mwUp = normalize((vec4(normal, 0.0) * viewMatrix).xyz);
  vec2 mwRipple = mwWave(vMwWorld.xz, mwTime) * 0.022 * smoothstep(32.0, 5.0, length(vMwView)) * mwUp.y;
  vec3 mwN = normalize(mwUp + vec3(mwRipple.x, 0.0, mwRipple.y));
  float mwF = 0.03 + 0.97 * pow(1.0 - max(dot(mwN, mwToEye), 0.0), 5.0);
  vec3 mwR = reflect(-mwToEye, mwN);
  mwR.y = abs(mwR.y);
  float mwGlint = pow(max(dot(mwR, mwSun), 0.0), 420.0) * 5.0 + pow(max(dot(mwR, mwSun), 0.0), 60.0) * 0.35;
  gl_FragColor.rgb = mix(gl_FragColor.rgb, mwSky(mwR), min(mwF * 0.8 + 0.05, 1.0)) + mwSunColour * mwGlint * mwSunlit();
}
`;

const hazed = /* glsl */ `
{
  vec3 mwFromEye = (vec4(vMwView, 0.0) * viewMatrix).xyz;
  gl_FragColor.rgb = mwInHaze(gl_FragColor.rgb, mwFromEye, cameraPosition.y);
}
#include <tonemapping_fragment>
#ifdef TONE_MAPPING
  gl_FragColor.rgb = mwGrade(gl_FragColor.rgb);
#endif`;

const include = (name: string) => `#include <${name}>`;

function apply(shader: Program, air: Air, dressing: Dressing, patch: Patch | undefined): void {
  Object.assign(shader.uniforms, air.uniforms);
  const lit = shader.fragmentShader.includes(include("lights_fragment_begin"));
  let vertex = shader.vertexShader;
  let fragment = shader.fragmentShader;
  for (const [name, text] of Object.entries(patch?.replaceVertex ?? {})) vertex = vertex.replace(include(name), text);
  for (const [name, text] of Object.entries(patch?.replaceFragment ?? {}))
    fragment = fragment.replace(include(name), text);
  if (patch?.vertexStart) vertex = vertex.replace("void main() {", `void main() {\n${patch.vertexStart}`);
  const leaf = dressing === "leaf";
  const windPars = leaf ? "uniform float mwTime;\nuniform float mwWind;\n" : "";
  vertex = `varying vec3 vMwView;\nvarying vec3 vMwWorld;\n${windPars}${patch?.vertexPars ?? ""}\n${vertex}`.replace(
    include("project_vertex"),
    `${placed}${leaf ? wind : ""}  vMwView = mvPosition.xyz;\n  vMwWorld = mwPlaced.xyz;`,
  );
  if (lit) {
    fragment = fragment
      .replace(include("lights_fragment_begin"), lightsWithOneSun())
      .replace(include("shadowmap_pars_fragment"), `${include("shadowmap_pars_fragment")}\n${sunlit}`);
  }
  if (dressing === "water" && lit) fragment = fragment.replace(include("opaque_fragment"), water);
  fragment = fragment.replace(include("tonemapping_fragment"), hazed);
  const waterText = dressing === "water" ? `uniform float mwTime;\n${waterPars}` : "";
  shader.vertexShader = vertex;
  const pars = `varying vec3 vMwView;\nvarying vec3 vMwWorld;\n${airPars}\n${waterText}${patch?.fragmentPars ?? ""}`;
  shader.fragmentShader = `${pars}\n${fragment}`;
}

/** `key` tells patches apart: materials with the same key must have the same patch. */
export function dress(material: Material, air: Air, dressing: Dressing, key = "", patch?: Patch): void {
  // Lamps differ by a number only, so that they share their program with what does not burn.
  if (dressing === "glow") air.addLamp(material as MeshLambertMaterial);
  const program = dressing === "glow" ? "plain" : dressing;
  material.onBeforeCompile = (shader) => apply(shader, air, dressing, patch);
  material.customProgramCacheKey = () => `mw:${program}:${key}`;
}

/** What a material is for, told by its name in the glTF: kits and creators name leaves, water and lamps so. */
export function dressingOf(material: Material): Dressing {
  const name = material.name.toLowerCase();
  if (/water|pond|pool/.test(name)) return "water";
  if (/leaf|leaves|foliage|grass|flower|hedge|bush|crown/.test(name)) return "leaf";
  if (/glow|lamp|light|lantern|window|screen|bulb/.test(name) && "emissive" in material) {
    if ((material.emissive as Color).getHex() !== 0) return "glow";
  }
  return "plain";
}

/** Soft contact shadows that a kit lays on the ground: darkness with a vertex's alpha, not a surface. */
export function isShade(material: Material): boolean {
  return material.transparent && material.name === "shade";
}

/** Casts no shadow: what is seen through, gives light itself, or stands at the horizon. */
export function castsShadow(material: Material): boolean {
  return (!material.transparent || material.alphaTest > 0) && !/water|glow|glass|^far$/i.test(material.name);
}

/** Matt surfaces need no specular term: the cheaper material looks the same. Metal, glass and mapped ones stay. */
export function mattWhereEnough(source: Material, always: boolean): Material {
  if (source instanceof MeshBasicMaterial || !(source instanceof MeshStandardMaterial)) return source;
  if (isShade(source)) {
    const { name, color, vertexColors, opacity } = source;
    return new MeshBasicMaterial({
      name,
      color,
      vertexColors,
      opacity,
      transparent: true,
      depthWrite: false,
      polygonOffset: true,
      polygonOffsetFactor: -1,
      polygonOffsetUnits: -1,
    });
  }
  const mapped = source.normalMap || source.roughnessMap || source.metalnessMap || source.bumpMap;
  const matt = source.metalness < 0.3 && source.roughness >= 0.55 && source.type === "MeshStandardMaterial" && !mapped;
  // Water mirrors the sky by itself, see above.
  if (!matt && !always && dressingOf(source) !== "water") return source;
  const out = new MeshLambertMaterial({
    name: source.name,
    color: source.color,
    map: source.map,
    aoMap: source.aoMap,
    emissive: source.emissive,
    emissiveMap: source.emissiveMap,
    emissiveIntensity: source.emissiveIntensity,
    side: source.side,
    alphaTest: source.alphaTest,
    transparent: source.transparent,
    opacity: source.opacity,
    vertexColors: source.vertexColors,
    flatShading: source.flatShading,
    depthWrite: source.depthWrite,
  });
  return out;
}
