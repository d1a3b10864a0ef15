// What a visitor chose, kept in the browser. Anything unreadable there counts as never chosen.

import type { Language } from "@manyworlds/protocol";
import type { CameraMode, Quality } from "@manyworlds/scene";
import { webStore } from "@manyworlds/sdk";
import { effect, signal } from "@preact/signals";
import { preferredLanguage } from "./i18n.ts";

export interface Settings {
  language: Language;
  quality: Quality | "auto";
  reducedMotion: boolean;
  camera: CameraMode;
  distance: number;
  invertLook: boolean;
  lockPointer: boolean;
  nameTags: boolean;
  figures: boolean;
}

export const DISTANCE = { least: 1.5, most: 9, usual: 3.2 } as const;
const KEY = "manyworlds.settings";

function among<T>(value: unknown, values: readonly T[], fallback: T): T {
  return values.includes(value as T) ? (value as T) : fallback;
}

export function readSettings(text: string | null, languages: readonly string[], reducedMotion: boolean): Settings {
  let kept: Record<string, unknown> = {};
  try {
    const value: unknown = JSON.parse(text ?? "{}");
    if (typeof value === "object" && value !== null) kept = value as Record<string, unknown>;
  } catch {
    // Defaults serve.
  }
  const flag = (name: string, fallback: boolean) => (typeof kept[name] === "boolean" ? (kept[name] as boolean) : fallback);
  const distance = Number(kept["distance"] ?? DISTANCE.usual);
  return {
    language: among(kept["language"], ["en", "zh"] as const, preferredLanguage(languages)),
    quality: among(kept["quality"], ["auto", "low", "medium", "high"] as const, "auto"),
    reducedMotion: flag("reducedMotion", reducedMotion),
    camera: among(kept["camera"], ["third", "first"] as const, "third"),
    distance: distance >= DISTANCE.least && distance <= DISTANCE.most ? distance : DISTANCE.usual,
    invertLook: flag("invertLook", false),
    lockPointer: flag("lockPointer", false),
    nameTags: flag("nameTags", true),
    figures: flag("figures", false),
  };
}

/** What the address asks for (the attributes of <world-view>) counts for this page, and is not kept. */
export function withQuery(settings: Settings, query: URLSearchParams): Settings {
  return {
    ...settings,
    language: among(query.get("language"), ["en", "zh"] as const, settings.language),
    quality: among(query.get("quality"), ["auto", "low", "medium", "high"] as const, settings.quality),
  };
}

export const store = webStore(() => globalThis.localStorage);
/** Of this window alone. */
export const windowStore = webStore(() => globalThis.sessionStorage);

const media = typeof matchMedia === "function" ? matchMedia("(prefers-reduced-motion: reduce)").matches : false;
const languages = typeof navigator === "undefined" ? [] : navigator.languages;
export const settings = signal<Settings>(readSettings(store.get(KEY), languages, media));

/** Only what was chosen is kept, so that the browser's own wishes are followed until then. */
const chosen: Partial<Settings> = (() => {
  try {
    return (JSON.parse(store.get(KEY) ?? "{}") as Partial<Settings>) ?? {};
  } catch {
    return {};
  }
})();

export function choose(change: Partial<Settings>): void {
  Object.assign(chosen, change);
  settings.value = { ...settings.value, ...change };
  store.set(KEY, JSON.stringify(chosen));
}

/** Runs `apply` now and whenever the value of `pick` changes. */
export function follow<T>(pick: (settings: Settings) => T, apply: (value: T) => void): () => void {
  let last: { value: T } | null = null;
  return effect(() => {
    const value = pick(settings.value);
    if (last && Object.is(last.value, value)) return;
    last = { value };
    apply(value);
  });
}
