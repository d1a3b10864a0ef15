// The view of a world: puts sky, scene, people, portals and things together, and draws them once a frame.

import {
  AgXToneMapping,
  Color,
  PCFShadowMap,
  PMREMGenerator,
  Raycaster,
  Scene,
  SRGBColorSpace,
  Vector2,
  Vector3,
  WebGLRenderer,
  type WebGLRenderTarget,
} from "three";
import type { CrowdAggregate, Person, Thing, WorldDetail } from "@manyworlds/protocol";
import { type Air, createAir } from "./air.ts";
import { CameraRig } from "./camera.ts";
import { CollisionRays } from "./collision.ts";
import { Crowd } from "./crowd/crowd.ts";
import { readFigure } from "./crowd/figure.ts";
import { dress } from "./dress.ts";
import { fetchBytes, Models, Tally } from "./gltf.ts";
import { Glows } from "./glows.ts";
import type { Held } from "./held.ts";
import { Labels } from "./labels.ts";
import type { Mirror } from "./mirror.ts";
import { isMood, type MoodLook, moods } from "./moods.ts";
import { Obstacles, seatBehind } from "./obstacles.ts";
import type { OwnFigures } from "./own/own.ts";
import { pickPerson, pickPortal } from "./pick.ts";
import { otherSide, takePicture } from "./picture.ts";
import { hostOf, PortalGate, type PortalInfo } from "./portals.ts";
import { Governor, guessQuality, pixelRatio, planOf, type QualityPlan } from "./quality.ts";
import { Sky } from "./sky.ts";
import { Sun } from "./sun.ts";
import { Things } from "./things.ts";
import type {
  AvatarColumns,
  CameraMode,
  CrowdCost,
  LoadProgress,
  PickResult,
  Placement,
  Quality,
  SceneOptions,
  SceneStats,
  SceneView,
  ScreenLabel,
  SelfState,
} from "./types.ts";
import { buildWorld, LampLights, wideRange, type WorldScene } from "./world.ts";

const longestStep = 0.1;
const statsFrames = 60;
const picturePause = 2500;
const nobody: readonly CrowdAggregate[] = [];

const loadOwn = () => import("./own/own.ts");

export class View implements SceneView {
  onCameraMode: ((mode: CameraMode) => void) | null = null;
  readonly rig = new CameraRig();
  private readonly scene = new Scene();
  private readonly air: Air = createAir();
  private readonly sky: Sky;
  private readonly sun: Sun;
  private readonly lamps = new LampLights();
  private readonly glows: Glows;
  private readonly models: Models;
  private readonly things: Things;
  private readonly labelFinder = new Labels();
  private readonly obstacles = new Obstacles(fetchBytes);
  private readonly waiting = new Map<number, Person>();
  private spectators: { first: number; count: number } | null = null;
  private crowd: Crowd | null = null;
  /** Once somebody has something in hand. */
  private held: Held | null = null;
  /** Once somebody wears a figure of their own. */
  private own: OwnFigures | null = null;
  private hidden: ReadonlySet<number> = new Set();
  /** Once somebody has dressed. */
  private mirror: Mirror | null = null;
  private crowdUrl = "";
  private world: WorldScene | null = null;
  private gates: PortalGate[] = [];
  private mood: MoodLook = moods.golden;
  private environment: WebGLRenderTarget | null = null;
  private governor: Governor;
  private applied: QualityPlan | null = null;
  private crowdMs = 0;
  private last = 0;
  private frames = 0;
  private loads = 0;
  private everLoaded = false;
  private beginCamera: "flight" | "cut" | null = "flight";
  private disposed = false;
  private scriptMs = 0;
  private frameMs = 16;
  private size = { width: 1, height: 1 };
  private readonly touch = matchMedia("(pointer: coarse)").matches;
  private readonly ray = new Raycaster();
  private readonly pointer = new Vector2();

  constructor(
    private readonly renderer: WebGLRenderer,
    private readonly options: SceneOptions,
    private guessed: Quality | null,
  ) {
    this.models = new Models(renderer);
    this.sky = new Sky(this.air);
    this.sun = new Sun(this.scene);
    this.glows = new Glows(this.air);
    this.things = new Things(this.models, this.air, () => this.plan.cheap);
    this.scene.add(this.sky.mesh, this.lamps.group, this.things.group, this.glows.group);
    this.governor = this.makeGovernor(options.quality);
    this.rig.obstacles = this.obstacles;
    this.rig.onMode = (mode) => this.onCameraMode?.(mode);
    this.setReducedMotion(options.reducedMotion);
    this.setMood(moods.golden);
    this.applyQuality();
    this.resize();
  }

  private get plan() {
    return planOf(this.governor.now.quality, this.touch);
  }

  private makeGovernor(quality: Quality | "auto"): Governor {
    if (quality === "auto") return new Governor((this.guessed ??= guess()), false);
    return new Governor(quality, true);
  }

  // ---- Loading -----------------------------------------------------------------------------------------------------

  async load(detail: WorldDetail, onProgress: (progress: LoadProgress) => void): Promise<void> {
    const load = ++this.loads;
    const { base } = this.options;
    const tally = new Tally((loaded, total) => {
      if (load === this.loads) onProgress({ loaded, total, done: total > 0 ? Math.min(0.97, loaded / total) : 0 });
    });
    const personUrl = base + detail.person.url;
    const [gltf, figure, rays] = await Promise.all([
      this.models.load(base + detail.scene.url, tally),
      personUrl === this.crowdUrl
        ? null
        : this.models.load(personUrl, tally).then((person) => readFigure(person, personUrl)),
      this.loadCollision(base + detail.scene.collision, tally),
    ]);
    if (this.disposed || load !== this.loads) return;
    const world = buildWorld(gltf, this.air, this.plan.cheap);
    if (figure) this.replaceCrowd(new Crowd(figure, this.air, this.plan.crowd), personUrl);
    this.enterWorld(detail, world, rays);
    // Shaders are compiled before the first frame that needs them, so that the first steps do not stutter.
    await this.renderer.compileAsync(this.scene, this.rig.camera);
    onProgress({ loaded: 1, total: 1, done: 1 });
    this.governor.unsettle();
    if (this.plan.portalPictures) setTimeout(() => void this.takePictures(load), picturePause);
  }

  /** Without it the camera passes through walls, which is no reason to keep the visitor out. */
  private async loadCollision(url: string, tally: Tally): Promise<CollisionRays | null> {
    try {
      return CollisionRays.parse(await fetchBytes(url, tally));
    } catch (error) {
      console.warn("collision:", error);
      return null;
    }
  }

  private replaceCrowd(crowd: Crowd, url: string): void {
    if (this.crowd) {
      this.scene.remove(this.crowd.group);
      this.crowd.dispose();
    }
    this.crowd = crowd;
    crowd.people.seatBehind = (x, y, z, yaw) =>
      this.world?.rows.some((row) => Math.abs(row - y) < 0.05) ? 0 : seatBehind(this.obstacles, x, y, z, yaw);
    this.crowdUrl = url;
    this.mirror = null;
    this.lightCrowd();
    this.scene.add(crowd.group);
    for (const person of this.waiting.values()) crowd.setPerson(person);
    crowd.people.hidden = this.hidden;
  }

  private enterWorld(detail: WorldDetail, world: WorldScene, rays: CollisionRays | null): void {
    this.leaveWorld();
    this.world = world;
    this.obstacles.world = rays;
    this.obstacles.setCatalogue(detail.models, this.options.base);
    this.scene.add(world.root);
    this.things.setCatalogue(detail.models, detail.accent, this.options.base);
    this.crowd?.people.clear();
    this.crowd?.far.setSeats(world.seats);
    this.crowd?.far.setSpectators(this.spectators);
    this.setMood(isMood(detail.sky.mood) ? moods[detail.sky.mood] : moods.golden);
    this.lamps.setLamps(world.lamps, this.mood.lamps);
    this.sun.setFlooded(this.lamps.flooded);
    this.glows.setLamps(world.lamps.filter((lamp) => lamp.range <= wideRange));
    this.lamps.setPool(this.lamps.wanted(this.plan.lamps));
    for (const portal of detail.portals) this.addGate(portal, detail.accent);
    const [x, y, z] = detail.place.position;
    this.rig.begin({ x, y, z, yaw: detail.place.yaw }, false);
    this.beginCamera = this.everLoaded || this.options.reducedMotion ? "cut" : "flight";
    this.everLoaded = true;
  }

  private addGate(portal: WorldDetail["portals"][number], accent: string): void {
    const other = createAir();
    const side = "world" in portal.to ? otherSide(portal.to, this.options.base) : null;
    other.set(moods[side?.mood ?? "noon"]);
    // Haze, time and wind are this world's; only the sky in the gate is the other's.
    for (const shared of ["mwHaze", "mwTime", "mwWind", "mwLamps"]) other.uniforms[shared] = this.air.uniforms[shared]!;
    const gate = new PortalGate(portal, accent, this.air, other);
    gate.showElsewhere();
    this.gates.push(gate);
    this.scene.add(gate.group);
  }

  private leaveWorld(): void {
    for (const gate of this.gates) {
      this.scene.remove(gate.group);
      gate.dispose();
    }
    this.gates = [];
    this.things.clear();
    this.held?.clear();
    this.obstacles.clear();
    if (!this.world) return;
    this.scene.remove(this.world.root);
    this.world.dispose();
    this.world = null;
  }

  private async takePictures(load: number): Promise<void> {
    for (const gate of [...this.gates]) {
      if (this.disposed || load !== this.loads || !("world" in gate.portal.to)) continue;
      try {
        const picture = await takePicture(this.renderer, this.models, otherSide(gate.portal.to, this.options.base));
        if (load === this.loads && !this.disposed) gate.setPicture(picture);
        else picture.dispose();
      } catch (error) {
        console.warn(`portal ${gate.portal.id}:`, error);
      }
      this.governor.unsettle();
    }
  }

  private setMood(look: MoodLook): void {
    this.mood = look;
    this.air.set(look);
    this.sky.set(look);
    this.sun.set(look, this.air.sun);
    this.renderer.toneMappingExposure = look.exposure;
    this.lightCrowd();
    this.updateEnvironment();
  }

  private lightCrowd(): void {
    const radii = this.plan.shadows.radii;
    const end =
      radii.length === 0 ? 0 : Math.min(radii[Math.min(1, radii.length - 1)]! * 1.3, this.plan.crowd.farReach);
    this.crowd?.setLight(this.air.sun, new Color(this.mood.skyLight), end);
  }

  /** Metal and glass mirror the sky. */
  private updateEnvironment(): void {
    this.environment?.dispose();
    this.environment = null;
    this.scene.environment = null;
    if (this.plan.cheap || !this.world) return;
    const around = new Scene();
    around.add(this.sky.mesh);
    const generator = new PMREMGenerator(this.renderer);
    this.environment = generator.fromScene(around, 0.02, 0.1, 10, { size: 128 });
    generator.dispose();
    this.scene.add(this.sky.mesh);
    this.scene.environment = this.environment.texture;
    this.scene.environmentIntensity = 0.55;
  }

  // ---- People and things -------------------------------------------------------------------------------------------

  setPerson(person: Person): void {
    this.waiting.set(person.entity, person);
    this.crowd?.setPerson(person);
    if (this.held) this.held.set(this.inSight(person));
    else if (person.carried?.some((thing) => thing.in_hand)) void this.openHands();
    if (person.avatar) void this.openOwn();
  }

  async openOwn(): Promise<OwnFigures> {
    const { OwnFigures } = await loadOwn();
    return (this.own ??= new OwnFigures(this.renderer, this.scene, this.rig.camera, this.models, this.air, dress, this.waiting, this.options.base, this.touch));
  }

  private async openHands(): Promise<void> {
    const { Held } = await import("./held.ts");
    if (this.held || this.disposed) return;
    this.held = new Held(this.things);
    this.scene.add(this.held.group);
    for (const person of this.waiting.values()) this.held.set(this.inSight(person));
  }

  async openMirror(stage: HTMLCanvasElement): Promise<Mirror> {
    const { Mirror } = await import("./mirror.ts");
    const air = createAir();
    this.mirror ??= new Mirror(this.renderer, this.crowd!.another(air), air, this.models, this.options, loadOwn, dress);
    return this.mirror.open(stage);
  }

  setSpectators(spectators: { first: number; count: number } | null): void {
    this.spectators = spectators;
    this.crowd?.far.setSpectators(spectators);
  }

  /** These are not shown from now on, whatever is told of them: neither figure nor tag nor what they have in hand. */
  setHidden(entities: ReadonlySet<number>): void {
    this.hidden = entities;
    if (this.crowd) this.crowd.people.hidden = entities;
    for (const person of this.waiting.values()) this.held?.set(this.inSight(person));
  }

  private inSight(person: Person): Person {
    return this.hidden.has(person.entity) ? { ...person, carried: [] } : person;
  }

  removePerson(entity: number): void {
    this.waiting.delete(entity);
    this.held?.remove(entity);
    this.crowd?.people.removePerson(entity);
  }

  setThing(thing: Thing): void {
    this.things.set(thing);
    this.obstacles.set(thing);
  }

  removeThing(entity: number): void {
    this.things.remove(entity);
    this.obstacles.remove(entity);
  }

  // ---- Frames ------------------------------------------------------------------------------------------------------

  frame(now: number, avatars: AvatarColumns, self: SelfState | null, far: readonly CrowdAggregate[] = nobody): void {
    const began = performance.now();
    const between = now - this.last;
    const seconds = Math.min(Math.max(between / 1000, 0), longestStep);
    this.last = now;
    this.frames++;
    if (this.frames > 1 && this.governor.add(between)) this.applyQuality();
    this.frameMs += (Math.min(between, 1000) - this.frameMs) / 30;
    if (!this.options.reducedMotion) this.air.uniforms["mwTime"]!.value = (now / 1000) % 4096;
    if (self && this.beginCamera) {
      this.rig.begin(self, this.beginCamera === "flight");
      this.beginCamera = null;
    }
    this.rig.update(self, seconds, this.size.width / this.size.height, this.options.reducedMotion);
    const { crowd, rig, renderer } = this;
    if (crowd) {
      crowd.update(avatars, self, seconds);
      crowd.updateFar(far, seconds);
      this.own?.update(crowd, this.governor.now.quality, rig.inside, seconds);
      crowd.arrange(rig.camera, renderer.domElement.height, rig.inside);
      this.held?.update(crowd.people, rig.camera.position, rig.inside);
      this.crowdMs += (performance.now() - began - this.crowdMs) / Math.min(this.frames, statsFrames);
    }
    this.world?.update(seconds);
    this.world?.seenFrom(rig.camera.position);
    const gaze = rig.yaw;
    this.sun.follow(rig.target, Math.sin(gaze), Math.cos(gaze));
    if (this.frames % 12 === 1 || this.lamps.stale) this.lamps.update(rig.target);
    this.mirror?.draw(seconds, this.size.width, this.size.height);
    renderer.info.reset();
    renderer.render(this.scene, rig.camera);
    this.scriptMs += (performance.now() - began - this.scriptMs) / Math.min(this.frames, statsFrames);
  }

  // ---- Camera ------------------------------------------------------------------------------------------------------

  look(dx: number, dy: number): void {
    this.rig.look(dx, dy);
  }

  zoom(steps: number): void {
    this.rig.zoom(steps);
  }

  cameraYaw(): number {
    return this.rig.yaw;
  }

  setCamera(options: { mode?: CameraMode; distance?: number; yaw?: number; pitch?: number }): void {
    this.rig.set(options);
  }

  // ---- What is where -----------------------------------------------------------------------------------------------

  labels(max: number): readonly ScreenLabel[] {
    return this.labelFinder.find(
      this.rig.camera,
      {
        crowd: this.crowd,
        gates: this.gates,
        things: this.things.named,
        topOf: (thing) => this.things.topOf(thing),
        rays: this.obstacles,
        width: this.size.width,
        height: this.size.height,
      },
      max,
    );
  }

  pick(clientX: number, clientY: number): PickResult {
    const box = this.options.canvas.getBoundingClientRect();
    this.pointer.set(((clientX - box.left) / box.width) * 2 - 1, 1 - ((clientY - box.top) / box.height) * 2);
    this.ray.setFromCamera(this.pointer, this.rig.camera);
    const { origin, direction } = this.ray.ray;
    const reach = 400;
    let distance = reach;
    const result: PickResult = { point: null };
    const rays = this.obstacles.world;
    if (rays) distance = rays.cast(origin.x, origin.y, origin.z, direction.x, direction.y, direction.z, reach);
    const thing = this.things.pick(this.ray);
    if (thing && thing.distance < distance + 0.05) {
      distance = thing.distance;
      result.entity = thing.entity;
    }
    const gate = pickPortal(this.gates, this.ray, distance);
    if (gate) {
      distance = gate.distance;
      result.portal = gate.id;
      delete result.entity;
    }
    const person = this.crowd ? pickPerson(this.crowd.people, origin, direction, distance) : null;
    if (person) {
      distance = person.distance;
      result.person = person.entity;
      delete result.entity;
      delete result.portal;
    }
    if (distance < reach) {
      const at = new Vector3().copy(origin).addScaledVector(direction, distance);
      result.point = [at.x, at.y, at.z];
    }
    return result;
  }

  highlight(entity: number | null): void {
    this.things.highlight(entity);
  }

  ghost(model: string | null, placement: Placement | null): void {
    this.things.ghost(model, placement);
  }

  setPortalInfo(portal: string, info: PortalInfo): void {
    const gate = this.gates.find((one) => one.portal.id === portal);
    gate?.setInfo({ ...hostOf(gate.portal), ...info });
  }

  // ---- Quality -----------------------------------------------------------------------------------------------------

  setQuality(quality: Quality | "auto"): void {
    this.options.quality = quality;
    this.governor = this.makeGovernor(quality);
    this.applyQuality();
  }

  private applyQuality(): void {
    const { plan, renderer } = this;
    renderer.setPixelRatio(pixelRatio(plan, this.governor.now.pixels, globalThis.devicePixelRatio || 1));
    if (plan === this.applied) return;
    this.applied = plan;
    renderer.shadowMap.enabled = plan.shadows.radii.length > 0;
    this.sun.setShadows(plan.shadows);
    this.crowd?.setPlan(plan.crowd);
    this.lightCrowd();
    this.sky.setOctaves(plan.skyOctaves);
    this.lamps.setPool(this.lamps.wanted(plan.lamps));
    if (!plan.cheap && !this.environment) this.updateEnvironment();
  }

  setReducedMotion(reduced: boolean): void {
    this.options.reducedMotion = reduced;
    this.air.uniforms["mwWind"]!.value = reduced ? 0 : 1;
  }

  resize(): void {
    const { canvas } = this.options;
    const width = Math.max(canvas.clientWidth, 1);
    const height = Math.max(canvas.clientHeight, 1);
    if (width !== this.size.width || height !== this.size.height) this.governor.unsettle();
    this.size = { width, height };
    this.renderer.setSize(width, height, false);
  }

  crowdCost(): CrowdCost {
    const { crowd } = this;
    return { milliseconds: this.crowdMs, perLevel: Array.from(crowd?.perLevel ?? []), ...crowd?.drawn() };
  }

  stats(): SceneStats {
    const { info } = this.renderer;
    return {
      drawCalls: info.render.calls,
      triangles: info.render.triangles,
      scriptMs: this.scriptMs,
      avatars: this.crowd?.people.count ?? 0,
      far: this.crowd?.far.people ?? 0,
      fading: this.crowd?.people.fading ?? 0,
      held: this.held?.count ?? 0,
      fps: 1000 / Math.max(this.frameMs, 1),
      quality: this.governor.now.quality,
    };
  }

  dispose(): void {
    this.disposed = true;
    this.leaveWorld();
    this.crowd?.dispose();
    this.things.dispose();
    this.glows.dispose();
    this.sky.dispose();
    this.sun.dispose();
    this.models.dispose();
    this.environment?.dispose();
    this.renderer.dispose();
  }
}

function makeRenderer(canvas: HTMLCanvasElement, antialias: boolean): WebGLRenderer {
  try {
    const renderer = new WebGLRenderer({ canvas, antialias, powerPreference: "high-performance", stencil: false });
    renderer.outputColorSpace = SRGBColorSpace;
    renderer.toneMapping = AgXToneMapping;
    renderer.shadowMap.type = PCFShadowMap;
    renderer.info.autoReset = false;
    return renderer;
  } catch (cause) {
    throw new Error("webgl2", { cause });
  }
}

/** What the machine says about itself, before anything is drawn. */
function guess(): Quality {
  const probe = document.createElement("canvas").getContext("webgl2");
  if (!probe) throw new Error("webgl2");
  const named = probe.getExtension("WEBGL_debug_renderer_info");
  const renderer = named ? String(probe.getParameter(named.UNMASKED_RENDERER_WEBGL)) : "";
  const maxTextureSize = Number(probe.getParameter(probe.MAX_TEXTURE_SIZE));
  probe.getExtension("WEBGL_lose_context")?.loseContext();
  return guessQuality({
    touch: matchMedia("(pointer: coarse)").matches,
    cores: navigator.hardwareConcurrency || 4,
    renderer,
    maxTextureSize,
  });
}

export async function createScene(options: SceneOptions): Promise<SceneView> {
  // A probe costs a context of its own: it is made only when its answer is needed.
  const guessed = options.quality === "auto" ? guess() : options.quality;
  const quality = options.quality === "auto" ? guessed : options.quality;
  const renderer = makeRenderer(options.canvas, quality !== "low");
  return new View(renderer, { ...options }, options.quality === "auto" ? guessed : null);
}
