// The texts of profile and wardrobe, which come with their panels and not with the page.

import { fill, language } from "../i18n.ts";
import en from "./en.json";
import zh from "./zh.json";

export type WardrobeKey = keyof typeof en;

export function say(key: WardrobeKey, values?: Record<string, string | number>): string {
  return fill((language.value === "zh" ? zh : en)[key], values);
}
