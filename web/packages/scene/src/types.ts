// What the application asks of the 3D view, and nothing about how it draws. The view knows no network: people, things and
// poses are handed to it. All on the main thread; nothing here throws once `load` has finished.
// Axes as in the protocol: metres, y up, yaw in radians, 0 looks along +z and grows towards +x.

import type { Appearance, Avatar, CrowdAggregate, Person, Thing, Vec3, WorldDetail } from "@manyworlds/protocol";
import type { AvatarColumns, SelfState } from "@manyworlds/sdk";

export type { AvatarColumns, SelfState };

export type Quality = "low" | "medium" | "high";
export type CameraMode = "third" | "first";

export interface SceneOptions {
  canvas: HTMLCanvasElement;
  /** "auto" measures the first seconds and settles; a fixed quality is never changed by itself. */
  quality: Quality | "auto";
  /** No camera flights, no bobbing, no swaying of the interface. */
  reducedMotion: boolean;
  /** Prefix of the relative URLs in WorldDetail: the host's origin, without a slash at the end. */
  base: string;
}

/** Bytes so far; `total` grows when a file is found late, so that the bar is true. 0 to 1 in `done`. */
export interface LoadProgress {
  loaded: number;
  total: number;
  done: number;
}

/** A place on the canvas (CSS pixels from its left top) for a name tag. Reused between calls: copy what you keep. */
export interface ScreenLabel {
  kind: "person" | "portal" | "thing";
  /** Of a person or a thing; 0 for portals. */
  entity: number;
  /** Id of a portal; empty otherwise. */
  portal: string;
  x: number;
  y: number;
  /** From the camera, metres. */
  distance: number;
}

export interface PickResult {
  /** Where the ray met the ground, a thing or the scene; null when it met the sky. */
  point: Vec3 | null;
  /** A thing that edits have added. */
  entity?: number;
  /** A person. */
  person?: number;
  portal?: string;
}

export interface Placement {
  position: Vec3;
  yaw: number;
  scale: number;
  colour?: string;
}

export interface SceneStats {
  drawCalls: number;
  triangles: number;
  /** Script time of the last frames, mean, milliseconds. */
  scriptMs: number;
  avatars: number;
  /** People beside them, of whom only aggregates are known. */
  far: number;
  /** Of the avatars, who is still fading in or out. */
  fading: number;
  /** Things in hands that are drawn. */
  held: number;
  fps: number;
  quality: Quality;
}

/** What drawing the people alone costs: of the last frame, but `milliseconds`, a mean. */
export interface CrowdCost {
  /** Script time of following and sorting them, without three.js's own. */
  milliseconds: number;
  /** How many stand in each level of detail, finest first. */
  perLevel: number[];
  /** Shadow maps included. */
  drawCalls?: number;
  triangles?: number;
}

/** A picture of one person, kept up to date with every frame until it is closed. */
export interface MirrorView {
  /** Colours of the person's file, that the indices of an appearance point into. */
  readonly palettes: { skin: string[]; hair: string[]; clothes: string[] };
  set(appearance: Appearance): void;
  /** A figure of one's own instead, from its file where it is here already; null is the kit's. Rejects with what is wrong with the file. */
  wear(own: { about: Avatar; file?: ArrayBuffer } | null): Promise<void>;
  /** What the person does (wire::Animation). */
  act(animation: number): void;
  /** What is looked at. */
  look(part: "whole" | "head" | "upper" | "lower"): void;
  /** Turns the person, who turns to and fro by themselves until then (never with reduced motion). */
  turn(radians: number): void;
  /** They turn by themselves again. */
  release(): void;
  readonly yaw: number;
  /** Of this canvas; a later one is left alone. */
  close(stage: HTMLCanvasElement): void;
}

export interface SceneView {
  /** Loads (or switches to) a world. Rejects with an Error that names the file; the old world stays until the new one is ready. */
  load(detail: WorldDetail, onProgress: (progress: LoadProgress) => void): Promise<void>;
  setPerson(person: Person): void;
  removePerson(entity: number): void;
  setHidden(entities: ReadonlySet<number>): void;
  setThing(thing: Thing): void;
  removeThing(entity: number): void;
  /** Simulated people of a full stadium who are not described one by one: their entities, in the order of their seats. */
  setSpectators(spectators: { first: number; count: number } | null): void;
  /**
   * Draws one frame. `now` is performance.now(). `self` is null before entering. `far`: those of whom only aggregates are known,
   * the same list as before when there is no news.
   */
  frame(now: number, avatars: AvatarColumns, self: SelfState | null, far?: readonly CrowdAggregate[]): void;

  /** Turns the camera by CSS pixels of a drag. */
  look(dx: number, dy: number): void;
  /** Positive moves away, in steps of a wheel notch; moving nearest switches to first person. */
  zoom(steps: number): void;
  /** Direction that "forward" means: yaw of the camera's gaze over the ground. */
  cameraYaw(): number;
  setCamera(options: { mode?: CameraMode; distance?: number; yaw?: number; pitch?: number }): void;
  /** Told when the camera mode changes by zooming. */
  onCameraMode: ((mode: CameraMode) => void) | null;

  /** The nearest people and portals in front of the camera, nearest first, at most `max`. */
  labels(max: number): readonly ScreenLabel[];
  /** What stands under a point of the window (clientX, clientY of a pointer event). */
  pick(clientX: number, clientY: number): PickResult;
  /** Outlines a thing (edit mode) or nothing. */
  highlight(entity: number | null): void;
  /** Shows a translucent model of the catalogue where it would be put; null takes it away. */
  ghost(model: string | null, placement: Placement | null): void;
  /** Text on a portal's sign (in the visitor's language), and whether it can be used now. */
  setPortalInfo(portal: string, info: { title: string; subtitle?: string; open: boolean }): void;

  /** Figures of people's own, and whether strangers' are shown. */
  openOwn(): Promise<{ readonly showsStrangers: boolean; setStrangers(on: boolean): void; readonly drawn: { figures: number; whole: number; triangles: number } }>;

  /** Draws one person alone into a canvas of one's own (2D); one such picture at a time. Once a world is loaded. */
  openMirror(stage: HTMLCanvasElement): Promise<MirrorView>;

  setQuality(quality: Quality | "auto"): void;
  setReducedMotion(reduced: boolean): void;
  /** After the canvas's CSS size changed. */
  resize(): void;
  stats(): SceneStats;
  crowdCost(): CrowdCost;
  dispose(): void;
}

/** Rejects with an Error whose message is "webgl2" when the browser cannot draw. */
export type CreateScene = (options: SceneOptions) => Promise<SceneView>;
