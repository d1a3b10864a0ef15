// The texts for people whose home is another host, apart from those that every page needs at once.

import { fill, language } from "../i18n.ts";
import en from "./en.json";
import zh from "./zh.json";

export type ElsewhereKey = keyof typeof en;

export function say(key: ElsewhereKey, values?: Record<string, string | number>): string {
  return fill((language.value === "zh" ? zh : en)[key], values);
}
