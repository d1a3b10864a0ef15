// The texts of what somebody owns, which come with the account's panel.

import { fill, language } from "../i18n.ts";
import en from "./en.json";
import zh from "./zh.json";

export type OwnedKey = keyof typeof en;

export function ownedText(key: OwnedKey, values?: Record<string, string | number>): string {
  return fill((language.value === "zh" ? zh : en)[key], values);
}
