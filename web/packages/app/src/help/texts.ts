// The texts of the help, which come with it and not with the page.

import { fill, language } from "../i18n.ts";
import en from "./en.json";
import zh from "./zh.json";

export type HelpKey = keyof typeof en;

export function say(key: HelpKey, values?: Record<string, string | number>): string {
  return fill((language.value === "zh" ? zh : en)[key], values);
}
