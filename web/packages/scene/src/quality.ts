// How finely to draw. Three levels say what is drawn; within a level the share of pixels follows the measured time of
// frames, between bounds that stay readable. Up is slower than down, and a level that was too much is not tried again
// soon. No three.js: the governor is tested with made-up frame times.

import type { CrowdPlan } from "./crowd/crowd.ts";
import type { ShadowPlan } from "./sun.ts";
import type { Quality } from "./types.ts";

export interface QualityPlan {
  shadows: ShadowPlan;
  crowd: CrowdPlan;
  /** Device pixels per CSS pixel: bounds for the governor. */
  pixelRatio: { least: number; most: number };
  skyOctaves: number;
  lamps: number;
  /** Every material the cheap way, whatever the file asks for. */
  cheap: boolean;
  portalPictures: boolean;
}

export const plans: Record<Quality, QualityPlan> = {
  low: {
    shadows: { radii: [], mapSize: 0, every: [] },
    crowd: {
      pixels: [260, 80, 24, 18],
      most: [6, 30, 260, 1200],
      reach: 180,
      nearCasters: 0,
      nearReach: 0,
      farCasters: 0,
      farReach: 0,
      far: 20_000,
    },
    pixelRatio: { least: 0.6, most: 1 },
    skyOctaves: 2,
    lamps: 2,
    cheap: true,
    portalPictures: false,
  },
  medium: {
    shadows: { radii: [19], mapSize: 2048, every: [2] },
    crowd: {
      pixels: [240, 80, 24, 16],
      most: [16, 90, 450, 2600],
      reach: 300,
      nearCasters: 24,
      nearReach: 9,
      farCasters: 120,
      farReach: 24,
      far: 34_000,
    },
    pixelRatio: { least: 0.75, most: 2 },
    skyOctaves: 4,
    lamps: 4,
    cheap: false,
    portalPictures: true,
  },
  high: {
    shadows: { radii: [8, 26, 90], mapSize: 2048, every: [1, 2, 4] },
    crowd: {
      pixels: [210, 64, 20, 14],
      most: [24, 160, 700, 3600],
      reach: 420,
      nearCasters: 40,
      nearReach: 13,
      farCasters: 200,
      farReach: 36,
      far: 70_000,
    },
    pixelRatio: { least: 0.85, most: 2 },
    skyOctaves: 5,
    lamps: 8,
    cheap: false,
    portalPictures: true,
  },
};

/** Of a crowd, where fingers touch the picture: no more than 3,000 people as figures, and half a million triangles in all. */
const handheld: Pick<CrowdPlan, "most" | "nearCasters" | "farCasters" | "far"> = {
  most: [6, 40, 130, 1000],
  nearCasters: 14,
  farCasters: 60,
  far: 24_000,
};

export function planOf(quality: Quality, touch: boolean): QualityPlan {
  const plan = plans[quality];
  return touch && quality !== "low" ? handhelds[quality] : plan;
}

const handhelds = {
  medium: { ...plans.medium, crowd: { ...plans.medium.crowd, ...handheld } },
  high: { ...plans.high, crowd: { ...plans.high.crowd, ...handheld } },
};

export const order: readonly Quality[] = ["low", "medium", "high"];

export interface Device {
  touch: boolean;
  cores: number;
  /** UNMASKED_RENDERER, or empty when the browser keeps it to itself. */
  renderer: string;
  maxTextureSize: number;
}

export function guessQuality(device: Device): Quality {
  if (/swiftshader|llvmpipe|software|basic render/i.test(device.renderer)) return "low";
  if (device.maxTextureSize < 4096 || device.cores <= 2) return "low";
  if (device.touch || device.cores <= 4 || /intel.*(hd|uhd) graphics/i.test(device.renderer)) return "medium";
  return "high";
}

const windowFrames = 45;
/** On a machine that is far too slow the verdict cannot wait for so many frames. */
const windowMs = 2000;
const fewestFrames = 6;
/** Milliseconds per frame: above `slow` less is drawn, below `quick` more. Between them nothing changes. */
const slow = 24;
const quick = 17.6;
const settleFrames = 20;
const settleMs = 1500;
const longestFrame = 3000;
const riseWindows = 5;
const regretWindows = 60;

export interface Verdict {
  quality: Quality;
  /** Share, 0 to 1, between the plan's least and most pixels. */
  pixels: number;
}

export class Governor {
  private times: number[] = [];
  private span = 0;
  private settling = settleFrames;
  private settlingMs = settleMs;
  private good = 0;
  private regret = 0;
  private readonly verdict: Verdict;

  constructor(
    quality: Quality,
    private readonly fixed: boolean,
  ) {
    this.verdict = { quality, pixels: fixed ? 1 : 0.75 };
  }

  get now(): Readonly<Verdict> {
    return this.verdict;
  }

  /** After a load or a change of size the next frames say nothing. */
  unsettle(): void {
    this.settling = settleFrames;
    this.settlingMs = settleMs;
    this.times.length = 0;
    this.span = 0;
  }

  /** Takes the time between two frames; true when the verdict has changed. */
  add(milliseconds: number): boolean {
    // A page in the background, or a pause of the whole machine, is no measure.
    if (milliseconds > longestFrame) return false;
    if (this.settling > 0 && this.settlingMs > 0) {
      this.settling--;
      this.settlingMs -= milliseconds;
      return false;
    }
    this.times.push(milliseconds);
    this.span += milliseconds;
    const enough = this.times.length >= windowFrames || (this.span > windowMs && this.times.length >= fewestFrames);
    if (!enough) return false;
    this.times.sort((a, b) => a - b);
    const typical = this.times[Math.floor(this.times.length * 0.6)]!;
    this.times.length = 0;
    this.span = 0;
    return this.judge(typical);
  }

  private judge(typical: number): boolean {
    this.regret = Math.max(0, this.regret - 1);
    if (typical > slow) {
      this.good = 0;
      return this.down(typical > 2 * slow);
    }
    this.good = typical < quick ? this.good + 1 : 0;
    if (this.good < riseWindows) return false;
    this.good = 0;
    return this.up();
  }

  private down(much: boolean): boolean {
    const v = this.verdict;
    const level = order.indexOf(v.quality);
    if (v.pixels > 0.01 && !(much && !this.fixed && level > 0)) {
      v.pixels = Math.max(0, v.pixels - (much ? 0.5 : 0.25));
    } else if (!this.fixed && level > 0) {
      v.quality = order[level - 1]!;
      v.pixels = 0.5;
      this.regret = regretWindows;
    } else {
      return false;
    }
    this.unsettle();
    return true;
  }

  private up(): boolean {
    const v = this.verdict;
    const level = order.indexOf(v.quality);
    if (v.pixels < 0.99) v.pixels = Math.min(1, v.pixels + 0.25);
    else if (!this.fixed && level + 1 < order.length && this.regret === 0) {
      v.quality = order[level + 1]!;
      v.pixels = 0.5;
    } else {
      return false;
    }
    this.unsettle();
    return true;
  }
}

export function pixelRatio(plan: QualityPlan, share: number, device: number): number {
  const most = Math.min(plan.pixelRatio.most, device);
  const least = Math.min(plan.pixelRatio.least, most);
  return least + (most - least) * share;
}
