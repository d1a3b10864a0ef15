// The texts of things that people take along, apart from those that every page needs at once.

import { fill, language } from "../i18n.ts";
import en from "./en.json";
import zh from "./zh.json";

export type CarriedKey = keyof typeof en;

export function carriedText(key: CarriedKey, values?: Record<string, string | number>): string {
  return fill((language.value === "zh" ? zh : en)[key], values);
}
