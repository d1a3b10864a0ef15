// The sky: a gradient, the sun's soft disc, thin clouds and, at night, stars, drawn behind everything by one shader.

import { BackSide, Color, Mesh, ShaderMaterial, SphereGeometry } from "three";
import { type Air, airPars } from "./air.ts";
import type { MoodLook } from "./moods.ts";

const vertex = /* glsl */ `
varying vec3 vDirection;
void main() {
  vDirection = position;
  vec4 p = projectionMatrix * vec4(mat3(viewMatrix) * position, 1.0);
  gl_Position = p.xyww;
}`;

const fragment = /* glsl */ `
${airPars}
uniform float mwTime;
uniform float clouds;
uniform vec3 cloudColour;
uniform float stars;
uniform vec2 disc;
varying vec3 vDirection;
float hash(vec2 p) {
  vec3 q = fract(vec3(p.xyx) * 0.1031);
  q += dot(q, q.yzx + 33.33);
  return fract((q.x + q.y) * q.z);
}
float noise(vec2 p) {
  vec2 i = floor(p), f = fract(p);
  f = f * f * (3.0 - 2.0 * f);
  return mix(mix(hash(i), hash(i + vec2(1, 0)), f.x), mix(hash(i + vec2(0, 1)), hash(i + vec2(1, 1)), f.x), f.y);
}
float drift(vec2 p) {
  float v = 0.0, a = 0.5;
  for (int i = 0; i < OCTAVES; i++) {
    v += a * noise(p);
    p = mat2(1.6, 1.2, -1.2, 1.6) * p + 7.1;
    a *= 0.5;
  }
  return v;
}
void main() {
  vec3 d = normalize(vDirection);
  vec3 c = mwSky(d);
  if (d.y < 0.0) c = mix(c, mwSky(vec3(d.x, 0.02, d.z)) * 0.92, smoothstep(0.0, -0.25, d.y));
  float m = dot(d, mwSun);
  if (stars > 0.0 && d.y > 0.0) {
    vec2 uv = vec2(atan(d.x, d.z) * 60.0, asin(d.y) * 60.0);
    vec2 cell = floor(uv);
    float h = hash(cell);
    vec2 at = vec2(hash(cell + 3.1), hash(cell + 7.7)) * 0.6 + 0.2;
    float spread = length((fract(uv) - at) * vec2(max(cos(asin(d.y)), 0.2), 1.0));
    float twinkle = 0.75 + 0.25 * sin(mwTime * (1.0 + 3.0 * h) + 40.0 * h);
    float bright = fract(h * 91.0);
    bright *= bright * bright;
    float spot = step(0.82, h) * smoothstep(0.06 + 0.06 * bright, 0.0, spread) * smoothstep(0.02, 0.3, d.y);
    c += stars * spot * twinkle * (0.22 + 1.6 * bright);
  }
  float veil = 0.0;
  if (d.y > 0.012) {
    vec2 p = d.xz / (d.y + 0.12);
    vec2 wind = vec2(mwTime * 0.004, mwTime * 0.0016);
    float big = drift(p * 0.85 + wind);
    // Long streaks: the same field, stretched along the wind.
    float thin = drift(vec2(p.x * 0.55 - p.y * 0.25, p.y * 2.1 + p.x * 0.8) + wind * 2.0);
    veil = smoothstep(0.46, 0.86, big * 0.72 + thin * 0.38) * smoothstep(0.012, 0.22, d.y) * clouds;
    vec3 lit = cloudColour * (0.72 + 0.35 * big) + mwGlow * 0.5 * pow(max(m, 0.0), 6.0);
    c = mix(c, lit, veil);
  }
  float edge = smoothstep(disc.x, mix(disc.x, 1.0, 0.35), m);
  c += (mwSunColour + mwGlow) * disc.y * edge * (1.0 - 0.75 * veil);
  gl_FragColor = vec4(c, 1.0);
  #include <tonemapping_fragment>
#ifdef TONE_MAPPING
  gl_FragColor.rgb = mwGrade(gl_FragColor.rgb);
#endif
  #include <colorspace_fragment>
  // One step of 1/255 is seen as a band in so smooth a gradient.
  gl_FragColor.rgb += (hash(gl_FragCoord.xy) - 0.5) / 255.0;
}`;

export class Sky {
  readonly mesh: Mesh;
  private readonly material: ShaderMaterial;

  constructor(air: Air) {
    this.material = new ShaderMaterial({
      vertexShader: vertex,
      fragmentShader: fragment,
      uniforms: {
        ...air.uniforms,
        clouds: { value: 0 },
        cloudColour: { value: new Color() },
        stars: { value: 0 },
        disc: { value: [1, 0] },
      },
      defines: { OCTAVES: 5 },
      side: BackSide,
      depthWrite: false,
    });
    this.mesh = new Mesh(new SphereGeometry(1, 24, 12), this.material);
    this.mesh.frustumCulled = false;
    // After all that is opaque, so that it costs only the pixels that are left.
    this.mesh.renderOrder = 900;
    this.mesh.name = "sky";
  }

  set(look: MoodLook): void {
    const u = this.material.uniforms;
    u["clouds"]!.value = look.clouds;
    (u["cloudColour"]!.value as Color).set(look.cloudColour).multiplyScalar(look.skyStrength);
    u["stars"]!.value = look.stars;
    u["disc"]!.value = [look.disc, look.discStrength];
  }

  setOctaves(octaves: number): void {
    if (this.material.defines["OCTAVES"] === octaves) return;
    this.material.defines["OCTAVES"] = octaves;
    this.material.needsUpdate = true;
  }

  dispose(): void {
    this.mesh.geometry.dispose();
    this.material.dispose();
  }
}
