// The texts of friends, which come with their page and panel and not with the world's.

import { fill, language } from "../i18n.ts";
import en from "./en.json";
import zh from "./zh.json";

export type FriendsKey = keyof typeof en;

export function say(key: FriendsKey, values?: Record<string, string | number>): string {
  return fill((language.value === "zh" ? zh : en)[key], values);
}

/** Chooses between the keys `.one` and `.other`. */
export function sayCount(base: "unread" | "dropped", n: number): string {
  const one = language.value === "en" && n === 1;
  return say(`${base}.${one ? "one" : "other"}`, { n });
}
