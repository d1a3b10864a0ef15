// The texts of what one may do about the people of a world, which come with the list of them.

import { fill, language } from "../i18n.ts";
import en from "./en.json";
import zh from "./zh.json";

export function peopleText(key: keyof typeof en, values?: Record<string, string | number>): string {
  return fill((language.value === "zh" ? zh : en)[key], values);
}
