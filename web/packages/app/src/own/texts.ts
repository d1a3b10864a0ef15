// The texts of one's own figures, which come with that part of the wardrobe.

import { fill, language } from "../i18n.ts";
import en from "./en.json";
import zh from "./zh.json";

export type OwnKey = keyof typeof en;

export function say(key: OwnKey, values?: Record<string, string | number>): string {
  return fill((language.value === "zh" ? zh : en)[key], values);
}
