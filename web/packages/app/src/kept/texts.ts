// The texts of what travel keeps and does, which come with the panels of account and operator and not with the page.

import { fill, language } from "../i18n.ts";
import en from "./en.json";
import zh from "./zh.json";

export type KeptKey = keyof typeof en;

export function say(key: KeptKey, values?: Record<string, string | number>): string {
  return fill((language.value === "zh" ? zh : en)[key], values);
}
