// A picture of one person on a turntable, by the crowd's own mesh, shaders and colours, so that one sees what others will see.
// It is drawn into a corner of the world's canvas right before the world is, and copied from there: a second WebGL context would
// cost a phone more than the picture.

import {
  BufferAttribute,
  BufferGeometry,
  Color,
  DirectionalLight,
  HemisphereLight,
  Mesh,
  PerspectiveCamera,
  Scene,
  ShaderMaterial,
  Vector3,
  type WebGLRenderer,
} from "three";
import type { Appearance, Avatar } from "@manyworlds/protocol";
// Of three.js itself only what the scene has anyway, and of the scene types alone: the first script must not be cut in two for this.
import type { Air } from "./air.ts";
import type { Crowd } from "./crowd/crowd.ts";
import type { Models } from "./gltf.ts";
import { lathe, type Part, tiling, viewOf } from "./mirror-view.ts";
import type { MoodLook } from "./moods.ts";
import type { Dress, KitMotion, OwnFigure } from "./own/own.ts";
import type { AvatarColumns, MirrorView, SelfState } from "./types.ts";

/** Even light from the front and a little from the side: colours are chosen by it. The sky's own colours show in nothing. */
const studio: MoodLook = {
  sunElevation: 38,
  sunAzimuth: 38,
  sunColour: "#FFF1DE",
  sunIntensity: 3.7,
  skyLight: "#DDE4EE",
  groundLight: "#C8B7A2",
  hemisphere: 1.55,
  zenith: "#8FA6C4",
  middle: "#A9B8CB",
  horizon: "#D9D3CA",
  glow: "#FFF0D0",
  glowStrength: 0,
  skyStrength: 1,
  clouds: 0,
  cloudColour: "#FFFFFF",
  stars: 0,
  haze: 0,
  exposure: 1,
  lamps: 0,
  disc: 1,
  discStrength: 0,
};
const fov = 26;
const easePerSecond = 7;
/** How far to each side one turns by oneself, radians, and how quickly. */
const sway = 0.62;
const swayPerSecond = 0.55;
const atFirst = 0.42;
/** Edges are smoothed by drawing larger, where the canvas does not smooth them. */
const enlarged = 2;
/** A canvas with fewer pixels than the picture draws it in parts, at most so many. */
const mostTiles = 4;
const mostPixelsPerPixel = 2;
/** Where the dark spot at the feet is thrown from. */
const above = new Vector3(0.06, 1, 0.08);

const nobody: AvatarColumns = {
  count: 0,
  fresh: new Uint8Array(0),
  entity: new Uint32Array(0),
  x: new Float32Array(0),
  y: new Float32Array(0),
  z: new Float32Array(0),
  yaw: new Float32Array(0),
  animation: new Uint8Array(0),
  speed: new Float32Array(0),
  speaking: new Uint8Array(0),
};

export interface MirrorOptions {
  reducedMotion: boolean;
}

export class Mirror implements MirrorView {
  readonly palettes: MirrorView["palettes"];
  private readonly scene = new Scene();
  private readonly camera = new PerspectiveCamera(fov, 1, 0.1, 30);
  private readonly self: SelfState;
  private stage: HTMLCanvasElement | null = null;
  private context: CanvasRenderingContext2D | null = null;
  private readonly smooth: boolean;
  private part: Part = "whole";
  private height = 1.75;
  private readonly now = { y: 0, distance: 0 };
  private own: OwnFigure | null = null;
  private wearing = 0;
  private motion: KitMotion | null = null;
  private time = 0;
  private turnedBy: number | null = null;
  private ready = false;
  /** The next picture is of where things should be, without going there. */
  private cut = true;
  /** Something has changed since the last picture. */
  private stale = true;

  constructor(
    private readonly renderer: WebGLRenderer,
    /** One's own, which holds nobody yet, in an air of its own. */
    private readonly crowd: Crowd,
    private readonly air: Air,
    private readonly models: Models,
    private readonly options: MirrorOptions & { base: string },
    private readonly loadOwn: () => Promise<typeof import("./own/own.ts")>,
    private readonly dress: Dress,
  ) {
    this.palettes = crowd.figure.extras.palettes;
    // One person needs the finest level and the dark spot at the feet; what is not in the scene is not compiled.
    const [, ...others] = crowd.group.children as Mesh[];
    for (const mesh of others) if (!(mesh.material instanceof ShaderMaterial)) crowd.group.remove(mesh);
    crowd.people.clear(); // whoever is there from the beginning does not fade in
    this.self = { entity: 1, x: 0, y: 0, z: 0, yaw: atFirst, animation: 0, speed: 0, grounded: true };
    air.set(studio);
    crowd.setLight(above, new Color(studio.skyLight), 0);
    const sun = new DirectionalLight(studio.sunColour, studio.sunIntensity);
    sun.position.copy(air.sun);
    const around = new HemisphereLight(studio.skyLight, studio.groundLight, studio.hemisphere);
    this.scene.add(sun, around, backdrop(), floor(), turntable(), crowd.group);
    this.smooth = renderer.getContext().getContextAttributes()?.antialias === true;
    void renderer.compileAsync(this.scene, this.camera).then(() => (this.ready = true));
  }

  /** Tables and shaders stay when one closes it, for the next time. */
  open(stage: HTMLCanvasElement): this {
    this.stage = stage;
    this.context = stage.getContext("2d", { alpha: false });
    this.part = "whole";
    this.turnedBy = null;
    this.time = 0;
    this.self.yaw = atFirst;
    this.cut = true;
    return this;
  }

  close(stage: HTMLCanvasElement): void {
    if (this.stage !== stage) return;
    this.stage = this.context = null;
    this.wearing++;
    this.takeOff();
    this.act(0);
  }

  async wear(own: { about: Avatar; file?: ArrayBuffer } | null): Promise<void> {
    const wearing = ++this.wearing;
    const level = own?.about.levels[0];
    if (!own || !level) return this.takeOff();
    const { KitMotion, OwnFigure } = await this.loadOwn();
    const gltf = own.file ? await this.models.parse(own.file, own.about.hash) : await this.models.load(this.options.base + level.url);
    this.motion ??= new KitMotion(this.crowd.figure.vat, this.crowd.figure.skeleton);
    const figure = await OwnFigure.make(gltf, level, this.motion, this.air, this.dress);
    await this.renderer.compileAsync(figure.object, this.camera, this.scene);
    if (wearing !== this.wearing) return figure.dispose();
    this.takeOff();
    this.own = figure;
    this.height = own.about.height;
    this.scene.add(figure.object);
    this.stale = true;
  }

  private takeOff(): void {
    this.own?.dispose();
    this.own = null;
    this.crowd.tiers.covered.clear();
    this.stale = true;
  }

  act(animation: number): void {
    this.self.animation = animation as SelfState["animation"];
    this.self.speed = [0, 1.4, 3.6][animation] ?? 0;
    this.stale = true;
  }

  set(appearance: Appearance): void {
    this.crowd.setPerson({ entity: this.self.entity, name: "", simulated: false, role: "guest", appearance });
    if (!this.own) this.height = appearance.height;
    this.stale = true;
  }

  look(part: Part): void {
    this.part = part;
    this.stale = true;
  }

  /** From then on one stands still. */
  turn(radians: number): void {
    this.turnedBy = this.self.yaw = this.self.yaw + radians;
    this.stale = true;
  }

  /** Turns by oneself again. */
  release(): void {
    if (this.turnedBy === null) return;
    this.turnedBy = null;
    this.stale = true;
  }

  get yaw(): number {
    return this.self.yaw;
  }

  /** Before the world is drawn over it. */
  draw(seconds: number, width: number, height: number): void {
    const { stage, context, renderer, options } = this;
    if (!this.ready || !stage || !context || stage.clientWidth === 0) return;
    const still = options.reducedMotion;
    if (this.cut) this.stale = true;
    const density = Math.min(globalThis.devicePixelRatio || 1, mostPixelsPerPixel);
    const [wide, high] = [Math.round(stage.clientWidth * density), Math.round(stage.clientHeight * density)];
    if (stage.width !== wide || stage.height !== high) {
      [stage.width, stage.height] = [wide, high];
      this.stale = true;
    }
    if (still && !this.stale) return;
    this.stale = false;
    this.step(still ? 0 : seconds, still || this.cut, wide / high);
    this.cut = false;
    this.camera.aspect = wide / high;
    this.camera.updateProjectionMatrix();
    this.crowd.arrange(this.camera, high, false);
    const exposure = renderer.toneMappingExposure;
    renderer.toneMappingExposure = studio.exposure;
    this.paint(context, wide, high);
    renderer.setViewport(0, 0, width, height);
    renderer.toneMappingExposure = exposure;
  }

  /** By way of the canvas's lower left corner, as often as its pixels ask for. */
  private paint(context: CanvasRenderingContext2D, wide: number, high: number): void {
    const { renderer, camera } = this;
    const canvas = renderer.domElement;
    const ratio = renderer.getPixelRatio();
    const { scale, columns, rows } = tiling(wide, high, this.smooth ? 1 : enlarged, canvas, mostTiles);
    // Whole pixels, or there would be a seam.
    const [toWide, toHigh] = [Math.ceil(wide / columns), Math.ceil(high / rows)];
    const [w, h] = [Math.min(Math.round(toWide * scale), canvas.width), Math.min(Math.round(toHigh * scale), canvas.height)];
    for (let tile = 0; tile < columns * rows; tile++) {
      const [column, row] = [tile % columns, Math.floor(tile / columns)];
      camera.setViewOffset(w * columns, h * rows, w * column, h * row, w, h);
      renderer.setViewport(0, 0, w / ratio, h / ratio);
      renderer.render(this.scene, camera);
      context.drawImage(canvas, 0, canvas.height - h, w, h, column * toWide, row * toHigh, toWide, toHigh);
    }
    camera.clearViewOffset();
  }

  private step(seconds: number, cut: boolean, aspect: number): void {
    const { self, crowd } = this;
    this.time += seconds;
    this.air.uniforms["mwTime"]!.value = this.time;
    if (this.turnedBy === null) {
      const wanted = this.options.reducedMotion ? atFirst : sway * Math.sin(this.time * swayPerSecond + 0.75);
      self.yaw = cut ? wanted : self.yaw + (wanted - self.yaw) * Math.min(1, seconds * 4);
    }
    // At once: a hand that turns the picture must not lag behind it.
    const slot = crowd.people.slotOf(self.entity);
    if (slot >= 0) crowd.people.yaw[slot] = self.yaw;
    crowd.update(nobody, self, seconds);
    if (this.own) {
      const at = crowd.people.slotOf(self.entity);
      crowd.tiers.covered.add(at);
      this.own.follow(crowd.people, at);
    }
    this.aim(cut ? 1 : Math.min(1, seconds * easePerSecond), aspect);
  }

  private aim(share: number, aspect: number): void {
    const { now, camera } = this;
    const wanted = viewOf(this.part, this.height, fov, aspect);
    // To the last bit, so that the same look gives the same picture.
    now.y = share < 1 ? now.y + (wanted.y - now.y) * share : wanted.y;
    now.distance = share < 1 ? now.distance + (wanted.distance - now.distance) * share : wanted.distance;
    camera.position.set(0, now.y + now.distance * wanted.rise, now.distance);
    camera.lookAt(0, now.y, 0);
    camera.updateMatrixWorld();
  }
}

/** What one stands on: a low disc with a bevelled edge. */
function turntable(): Mesh {
  const { position, normal, index } = lathe([[0, 0], [0.47, 0], [0.487, -0.007], [0.494, -0.024], [0.494, -0.055]], 72);
  const geometry = new BufferGeometry();
  geometry.setAttribute("position", new BufferAttribute(position, 3));
  geometry.setAttribute("normal", new BufferAttribute(normal, 3));
  geometry.setIndex(index);
  const material = new ShaderMaterial({
    vertexShader: /* glsl */ `
varying vec3 vNormal;
void main() {
  vNormal = normal;
  gl_Position = projectionMatrix * modelViewMatrix * vec4(position, 1.0);
}`,
    fragmentShader: /* glsl */ `
varying vec3 vNormal;
void main() {
  vec3 n = normalize(vNormal);
  float light = 0.42 + 0.2 * n.y + 0.3 * max(dot(n, normalize(vec3(0.48, 0.62, 0.62))), 0.0);
  gl_FragColor = vec4(vec3(0.86, 0.81, 0.745) * light, 1.0);
  #include <colorspace_fragment>
}`,
  });
  return new Mesh(geometry, material);
}

function plane(corners: readonly number[]): BufferGeometry {
  const geometry = new BufferGeometry();
  geometry.setAttribute("position", new BufferAttribute(new Float32Array(corners), 3));
  geometry.setIndex([0, 1, 2, 0, 2, 3]);
  return geometry;
}

/** Behind everything: warm grey that is brighter around the middle. */
function backdrop(): Mesh {
  const material = new ShaderMaterial({
    depthWrite: false,
    depthTest: false,
    vertexShader: /* glsl */ `
varying vec2 vAt;
void main() {
  // The whole picture's plane, of which a tile shows its part: the projection knows which.
  vAt = (position.xy + vec2(projectionMatrix[2][0], projectionMatrix[2][1])) / vec2(projectionMatrix[0][0], projectionMatrix[1][1]);
  gl_Position = vec4(position.xy, 1.0, 1.0);
}`,
    fragmentShader: /* glsl */ `
varying vec2 vAt;
void main() {
  vec3 c = mix(vec3(0.44, 0.41, 0.375), vec3(0.69, 0.655, 0.61), smoothstep(0.36, 0.02, length(vAt - vec2(0.0, 0.05))));
  gl_FragColor = vec4(c, 1.0);
  #include <colorspace_fragment>
}`,
  });
  const mesh = new Mesh(plane([-1, -1, 0, 1, -1, 0, 1, 1, 0, -1, 1, 0]), material);
  mesh.frustumCulled = false;
  mesh.renderOrder = -2;
  return mesh;
}

/** The ground round the disc, with the disc's shadow; it melts into the backdrop. */
function floor(): Mesh {
  const material = new ShaderMaterial({
    transparent: true,
    depthWrite: false,
    vertexShader: /* glsl */ `
varying vec2 vAt;
void main() {
  vAt = position.xz;
  gl_Position = projectionMatrix * modelViewMatrix * vec4(position, 1.0);
}`,
    fragmentShader: /* glsl */ `
varying vec2 vAt;
void main() {
  float r = length(vAt);
  float near = length(vAt - vec2(-0.09, -0.1));
  float shade = 0.42 * smoothstep(0.86, 0.44, near) + 0.22 * smoothstep(0.6, 0.49, r);
  float ground = 0.5 * smoothstep(1.75, 0.3, r);
  vec3 c = mix(vec3(0.76, 0.72, 0.67), vec3(0.17, 0.15, 0.13), shade);
  gl_FragColor = vec4(c, max(ground, shade));
  #include <colorspace_fragment>
}`,
  });
  const mesh = new Mesh(plane([-2, -0.055, 2, 2, -0.055, 2, 2, -0.055, -2, -2, -0.055, -2]), material);
  mesh.renderOrder = -1;
  return mesh;
}
