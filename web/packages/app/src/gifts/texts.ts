// The texts of giving, which come when something is given.

import { fill, language } from "../i18n.ts";
import en from "./en.json";
import zh from "./zh.json";

export type GiftKey = keyof typeof en;

export function giftText(key: GiftKey, values?: Record<string, string | number>): string {
  return fill((language.value === "zh" ? zh : en)[key], values);
}
