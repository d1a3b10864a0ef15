// The texts of keys that people hold themselves: loaded with the panel about them, and where such a thing is signed for.

import { fill, language } from "../i18n.ts";
import en from "./en.json";
import zh from "./zh.json";

export type HeldText = keyof typeof en;

export function heldText(key: HeldText, values?: Record<string, string | number>): string {
  return fill((language.value === "zh" ? zh : en)[key], values);
}
