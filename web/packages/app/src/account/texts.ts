// The texts of the account's panel, apart from those that every page needs at once.

import { fill, language } from "../i18n.ts";
import en from "./en.json";
import zh from "./zh.json";

export type AccountKey = keyof typeof en;

export function accountText(key: AccountKey, values?: Record<string, string | number>): string {
  return fill((language.value === "zh" ? zh : en)[key], values);
}
