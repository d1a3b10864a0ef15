// What lamps look like from afar: a soft halo round each and a pool of light on the ground below. Two instanced draw
// calls for all lamps of a world, brighter the darker the mood.

import {
  AdditiveBlending,
  BufferAttribute,
  Group,
  InstancedBufferAttribute,
  InstancedBufferGeometry,
  Mesh,
  ShaderMaterial,
} from "three";
import type { Air } from "./air.ts";
import type { Lamp } from "./world.ts";

const vertex = /* glsl */ `
attribute vec3 place;
attribute vec3 colour;
uniform float pool;
uniform float mwHaze;
varying vec2 vAt;
varying vec3 vColour;
void main() {
  vAt = position.xy;
  float away = distance(place, cameraPosition);
  vec4 p;
  if (pool > 0.5) {
    p = viewMatrix * vec4(place.x + position.x * 6.5, 0.045, place.z + position.y * 6.5, 1.0);
    vColour = colour * 0.34 * smoothstep(12.0, 24.0, away);
  } else {
    p = viewMatrix * vec4(place, 1.0);
    p.xy += position.xy * (0.42 + 0.012 * away);
    // Towards the eye, or the lamp's own glass would cut the halo.
    p.z += 0.35;
    vColour = colour * 0.5;
  }
  vColour *= exp(-mwHaze * away * 0.8);
  gl_Position = projectionMatrix * p;
}`;

const fragment = /* glsl */ `
uniform float mwLamps;
uniform float pool;
varying vec2 vAt;
varying vec3 vColour;
void main() {
  float r = dot(vAt, vAt);
  float fall = pool > 0.5 ? exp(-3.6 * r) : 0.75 * exp(-9.0 * r) + 0.5 * exp(-42.0 * r);
  fall *= smoothstep(1.0, 0.55, r);
  gl_FragColor = vec4(vColour * fall * mwLamps, 1.0);
}`;

export class Glows {
  readonly group = new Group();
  private readonly geometry = new InstancedBufferGeometry();
  private readonly materials: ShaderMaterial[];

  constructor(air: Air) {
    this.geometry.setAttribute(
      "position",
      new BufferAttribute(new Float32Array([-1, -1, 0, 1, -1, 0, 1, 1, 0, -1, 1, 0]), 3),
    );
    this.geometry.setIndex([0, 1, 2, 0, 2, 3]);
    this.geometry.instanceCount = 0;
    this.materials = [0, 1].map(
      (pool) =>
        new ShaderMaterial({
          vertexShader: vertex,
          fragmentShader: fragment,
          uniforms: { pool: { value: pool }, mwLamps: air.uniforms["mwLamps"]!, mwHaze: air.uniforms["mwHaze"]! },
          blending: AdditiveBlending,
          transparent: true,
          depthWrite: false,
          side: 2,
        }),
    );
    for (const material of this.materials) {
      const mesh = new Mesh(this.geometry, material);
      mesh.frustumCulled = false;
      mesh.renderOrder = 1000;
      this.group.add(mesh);
    }
    this.group.visible = false;
  }

  setLamps(lamps: readonly Lamp[]): void {
    const place = new Float32Array(lamps.length * 3);
    const colour = new Float32Array(lamps.length * 3);
    lamps.forEach((lamp, i) => {
      lamp.position.toArray(place, i * 3);
      colour.set(lamp.colour, i * 3);
    });
    this.geometry.setAttribute("place", new InstancedBufferAttribute(place, 3));
    this.geometry.setAttribute("colour", new InstancedBufferAttribute(colour, 3));
    this.geometry.instanceCount = lamps.length;
    this.group.visible = lamps.length > 0;
  }

  dispose(): void {
    this.geometry.dispose();
    for (const material of this.materials) material.dispose();
  }
}
