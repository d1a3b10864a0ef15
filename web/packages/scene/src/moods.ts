// The four moods of the sky: where the sun (at night: the moon) stands, the colours of light, sky and haze, and whether
// lamps burn. Colours are sRGB hexadecimal here and become linear when they are read; intensities are three.js's (a
// white surface that faces a light of intensity pi is drawn white before tone mapping).

import type { Mood } from "@manyworlds/protocol";

export interface MoodLook {
  /** Degrees above the horizon, and clockwise from +z as seen from above. */
  sunElevation: number;
  sunAzimuth: number;
  sunColour: string;
  sunIntensity: number;
  /** Light from above and from below, and how much of it. */
  skyLight: string;
  groundLight: string;
  hemisphere: number;
  /** The sky's gradient, and the glow round the sun. */
  zenith: string;
  middle: string;
  horizon: string;
  glow: string;
  glowStrength: number;
  /** Radiance of the gradient, and of the clouds against it. */
  skyStrength: number;
  clouds: number;
  cloudColour: string;
  stars: number;
  /** Share of haze at 100 m, on the level. */
  haze: number;
  exposure: number;
  /** How strongly lamps, windows and signs burn. */
  lamps: number;
  /** Size of the disc's edge: cosine of its radius. */
  disc: number;
  discStrength: number;
}

export const moods: Record<Mood, MoodLook> = {
  morning: {
    sunElevation: 27,
    sunAzimuth: 118,
    sunColour: "#FFDAA8",
    sunIntensity: 4.6,
    skyLight: "#BCD0EC",
    groundLight: "#B29E86",
    hemisphere: 1.3,
    zenith: "#2F70C6",
    middle: "#86B7E8",
    horizon: "#FFE2C0",
    glow: "#FFCF96",
    glowStrength: 0.6,
    skyStrength: 1.05,
    clouds: 0.55,
    cloudColour: "#FFF6EC",
    stars: 0,
    haze: 0.26,
    exposure: 1.0,
    lamps: 0.05,
    disc: 0.99955,
    discStrength: 9,
  },
  noon: {
    sunElevation: 54,
    sunAzimuth: 150,
    sunColour: "#FFEFD4",
    sunIntensity: 4.5,
    skyLight: "#C6D9F2",
    groundLight: "#AFA08C",
    hemisphere: 1.4,
    zenith: "#1F5FC0",
    middle: "#639FE0",
    horizon: "#CDE3F4",
    glow: "#FFF0D0",
    glowStrength: 0.3,
    skyStrength: 1.02,
    clouds: 0.6,
    cloudColour: "#FFFFFF",
    stars: 0,
    haze: 0.17,
    exposure: 0.97,
    lamps: 0,
    disc: 0.9996,
    discStrength: 12,
  },
  golden: {
    sunElevation: 24,
    sunAzimuth: 232,
    sunColour: "#FFC27A",
    sunIntensity: 4.9,
    skyLight: "#BFC6DA",
    groundLight: "#B8906A",
    hemisphere: 1.35,
    zenith: "#2F66B4",
    middle: "#8FB0D8",
    horizon: "#FFCB8E",
    glow: "#FFA54A",
    glowStrength: 0.8,
    skyStrength: 1.02,
    clouds: 0.6,
    cloudColour: "#FFDCB8",
    stars: 0,
    haze: 0.34,
    exposure: 1.05,
    lamps: 0.35,
    disc: 0.9994,
    discStrength: 9,
  },
  night: {
    sunElevation: 38,
    sunAzimuth: 205,
    sunColour: "#A9BDE8",
    sunIntensity: 0.7,
    skyLight: "#7488B8",
    groundLight: "#5C5458",
    hemisphere: 1.0,
    zenith: "#0A1330",
    middle: "#16254E",
    horizon: "#33466F",
    glow: "#7F95C8",
    glowStrength: 0.12,
    skyStrength: 0.75,
    clouds: 0.3,
    cloudColour: "#42557F",
    stars: 1,
    haze: 0.34,
    exposure: 1.25,
    lamps: 1,
    disc: 0.9995,
    discStrength: 2.2,
  },
};

export function isMood(value: unknown): value is Mood {
  return typeof value === "string" && Object.hasOwn(moods, value);
}

/** Unit vector towards the sun. */
export function sunVector(look: MoodLook): [number, number, number] {
  const elevation = (look.sunElevation * Math.PI) / 180;
  const azimuth = (look.sunAzimuth * Math.PI) / 180;
  return [Math.cos(elevation) * Math.sin(azimuth), Math.sin(elevation), Math.cos(elevation) * Math.cos(azimuth)];
}
