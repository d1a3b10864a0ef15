// The texts of the page on which something is given away.

import { fill, language } from "../i18n.ts";
import en from "./en.json";
import zh from "./zh.json";

export function giveText(key: keyof typeof en, values?: Record<string, string | number>): string {
  return fill((language.value === "zh" ? zh : en)[key], values);
}
