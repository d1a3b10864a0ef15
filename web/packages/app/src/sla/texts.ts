// The texts of /sla, apart from those of the world's page, so that neither loads the other's.

import { count, fill, language } from "../i18n.ts";
import en from "./en.json";
import zh from "./zh.json";

export type SlaKey = keyof typeof en;

export function t(key: SlaKey, values?: Record<string, string | number>): string {
  return fill((language.value === "zh" ? zh : en)[key], values);
}

/** Of a measure, by its name at /sla.json. */
export function unitOf(name: string): string {
  return name.endsWith("_ms") ? "ms" : name.endsWith("_percent") ? "%" : "kbit/s";
}

/** "–" where nothing was measured. */
export function valueText(value: number | null): string {
  if (value === null) return "–";
  return count(value >= 100 ? Math.round(value) : Math.round(value * 10) / 10);
}

export function percentText(value: number | null): string {
  return value === null ? "–" : `${count(Math.round(value * 10) / 10)} %`;
}
