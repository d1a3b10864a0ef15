// The air of a world: one set of uniforms that every material shares (sun, sky colours, haze, time, wind), and the
// shader text that reads them. Changing a mood changes values only: nothing is compiled again.

import { Color, Vector3, type IUniform } from "three";
import { type MoodLook, sunVector } from "./moods.ts";

export interface Air {
  readonly uniforms: Record<string, IUniform>;
  readonly sun: Vector3;
  set(look: MoodLook): void;
  /** Its own emission is what it shows at full burn; the mood says how much of it. Until the material is disposed of. */
  addLamp(material: LampMaterial): void;
}

interface LampMaterial {
  emissiveIntensity: number;
  addEventListener(type: "dispose", listener: () => void): void;
}

/** Emission by day, and what lamps add to it. */
const litAtDay = 0.1;
const litByLamps = 0.75;

export function createAir(): Air {
  const sun = new Vector3(0, 1, 0);
  const uniforms = {
    mwSun: { value: sun },
    mwSunColour: { value: new Color() },
    mwZenith: { value: new Color() },
    mwMiddle: { value: new Color() },
    mwHorizon: { value: new Color() },
    mwGlow: { value: new Color() },
    mwHaze: { value: 0 },
    mwTime: { value: 0 },
    mwWind: { value: 1 },
    mwLamps: { value: 0 },
  };
  const lamps = new Map<LampMaterial, number>();
  const light = (material: LampMaterial, full: number) => {
    material.emissiveIntensity = full * (litAtDay + litByLamps * uniforms.mwLamps.value);
  };
  return {
    addLamp(material) {
      lamps.set(material, material.emissiveIntensity);
      material.addEventListener("dispose", () => lamps.delete(material));
      light(material, material.emissiveIntensity);
    },
    uniforms,
    sun,
    set(look) {
      sun.set(...sunVector(look));
      uniforms.mwSunColour.value.set(look.sunColour).multiplyScalar(look.sunIntensity / Math.PI);
      uniforms.mwZenith.value.set(look.zenith).multiplyScalar(look.skyStrength);
      uniforms.mwMiddle.value.set(look.middle).multiplyScalar(look.skyStrength);
      uniforms.mwHorizon.value.set(look.horizon).multiplyScalar(look.skyStrength);
      uniforms.mwGlow.value.set(look.glow).multiplyScalar(look.glowStrength);
      uniforms.mwHaze.value = -Math.log(1 - look.haze) / 100;
      uniforms.mwLamps.value = look.lamps;
      lamps.forEach((full, material) => light(material, full));
    },
  };
}

/** Declares the uniforms and gives `mwSky(direction)`, the sky without its sun, clouds and stars, and `mwInHaze`. */
export const airPars = /* glsl */ `
uniform vec3 mwSun;
uniform vec3 mwSunColour;
uniform vec3 mwZenith;
uniform vec3 mwMiddle;
uniform vec3 mwHorizon;
uniform vec3 mwGlow;
uniform float mwHaze;
uniform float mwLamps;
// After tone mapping: a little more colour and depth than the film curve leaves.
vec3 mwGrade(vec3 c) {
  float grey = dot(c, vec3(0.2126, 0.7152, 0.0722));
  c = max(mix(vec3(grey), c, 1.32), 0.0);
  return mix(c, c * c * (3.0 - 2.0 * c), 0.22);
}
vec3 mwSky(vec3 d) {
  float h = max(d.y, 0.0);
  vec3 c = mix(mwHorizon, mwMiddle, 1.0 - exp(-5.5 * h));
  c = mix(c, mwZenith, smoothstep(0.06, 0.85, h));
  float m = max(dot(d, mwSun), 0.0);
  float m2 = m * m;
  float m8 = m2 * m2 * m2 * m2;
  c += mwGlow * (0.22 * m2 + 0.38 * m8 + 0.5 * pow(m8, 12.0)) * (1.0 - 0.55 * h);
  return c;
}
// Haze lies low: it thins out with height, and it takes the colour of the sky just above the horizon behind it.
vec3 mwInHaze(vec3 colour, vec3 fromEye, float eyeHeight) {
  float way = length(fromEye);
  vec3 d = fromEye / max(way, 1e-3);
  float top = eyeHeight + fromEye.y;
  float thin = exp(-0.012 * max(0.5 * (top + eyeHeight), 0.0));
  float share = 1.0 - exp(-mwHaze * thin * max(way - 6.0, 0.0));
  vec3 level = normalize(vec3(d.x, clamp(d.y, 0.015, 0.35), d.z));
  return mix(colour, mwSky(level), share);
}
`;
