// The vertex-animation texture: all clips of person.glb, sampled once into bone matrices. One row of the texture is one
// moment; three texels of it are the upper three rows of one bone's matrix (model space, inverse bind applied). Each
// clip ends with a row more than it has steps, so that a row and the one after it may always be mixed.

import {
  AnimationMixer,
  type AnimationClip,
  ClampToEdgeWrapping,
  DataTexture,
  DataUtils,
  HalfFloatType,
  LoopOnce,
  Matrix4,
  NearestFilter,
  type Object3D,
  RGBAFormat,
  type Skeleton,
} from "three";

/** wire::Animation's order, and what the picture alone knows. */
export const CLIP_NAMES = ["idle", "walk", "run", "jump", "sit", "wave", "cheer", "clap", "sit_seat", "wave_scarf"] as const;
export const TEXELS_PER_BONE = 3;
const framesPerSecond = 30;

export interface ClipRows {
  /** First row, steps between rows, length in seconds. */
  start: number;
  steps: number;
  seconds: number;
  loop: boolean;
}

export interface VatLayout {
  clips: ClipRows[];
  rows: number;
  width: number;
}

/** A clip that the file lacks shows the first one instead. */
export function layOut(bones: number, lengths: readonly (number | undefined)[]): VatLayout {
  let rows = 0;
  const clips: ClipRows[] = [];
  lengths.forEach((seconds, i) => {
    const loop = CLIP_NAMES[i] !== "jump";
    if (seconds === undefined) {
      clips.push(clips[0] ?? { start: 0, steps: 1, seconds: 1, loop });
      if (rows === 0) rows = 2;
      return;
    }
    const steps = Math.max(1, Math.round(seconds * framesPerSecond));
    clips.push({ start: rows, steps, seconds: Math.max(seconds, 1 / framesPerSecond), loop });
    rows += steps + 1;
  });
  return { clips, rows, width: bones * TEXELS_PER_BONE };
}

/** Row, with its fraction, at `phase` of a clip: loops wrap, others stop at their end. */
export function rowAt(clip: ClipRows, phase: number): number {
  const p = clip.loop ? phase - Math.floor(phase) : Math.min(Math.max(phase, 0), 0.9999);
  return clip.start + p * clip.steps;
}

/** Gives the page back to the browser between slices, sooner than a timer would. */
function breathe(): Promise<void> {
  return new Promise((resolve) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => {
      channel.port1.close();
      resolve();
    };
    channel.port2.postMessage(0);
  });
}

export interface Vat {
  texture: DataTexture;
  layout: VatLayout;
}

/** Samples in slices of at most `sliceMs`, so that the page does not stand still. */
export async function bakeVat(
  root: Object3D,
  skeleton: Skeleton,
  animations: readonly AnimationClip[],
  sliceMs = 6,
): Promise<Vat> {
  const found = CLIP_NAMES.map((name) => animations.find((clip) => clip.name === name));
  const bones = skeleton.bones.length;
  const layout = layOut(
    bones,
    found.map((clip) => clip?.duration),
  );
  const data = new Uint16Array(layout.width * layout.rows * 4);
  const mixer = new AnimationMixer(root);
  const matrix = new Matrix4();
  const writeRow = (row: number): void => {
    root.updateMatrixWorld(true);
    for (let b = 0; b < bones; b++) {
      const e = matrix.multiplyMatrices(skeleton.bones[b]!.matrixWorld, skeleton.boneInverses[b]!).elements;
      const at = (row * layout.width + b * TEXELS_PER_BONE) * 4;
      for (let r = 0; r < 3; r++) {
        for (let c = 0; c < 4; c++) data[at + r * 4 + c] = DataUtils.toHalfFloat(e[c * 4 + r]!);
      }
    }
  };
  let until = performance.now() + sliceMs;
  if (!found.some(Boolean)) for (let row = 0; row < layout.rows; row++) writeRow(row);
  for (const [i, clip] of found.entries()) {
    if (!clip) continue;
    const rows = layout.clips[i]!;
    const action = mixer.clipAction(clip);
    action.setLoop(LoopOnce, 1);
    action.clampWhenFinished = true;
    action.play();
    for (let step = 0; step <= rows.steps; step++) {
      // The last key of a loop equals its first.
      action.time = (clip.duration * step) / rows.steps;
      action.paused = false;
      mixer.update(0);
      writeRow(rows.start + step);
      if (performance.now() > until) {
        await breathe();
        until = performance.now() + sliceMs;
      }
    }
    action.stop();
  }
  mixer.uncacheRoot(root);
  const texture = new DataTexture(data, layout.width, layout.rows, RGBAFormat, HalfFloatType);
  texture.minFilter = texture.magFilter = NearestFilter;
  texture.wrapS = texture.wrapT = ClampToEdgeWrapping;
  texture.needsUpdate = true;
  return { texture, layout };
}
