// The texts of invitations, which come with the panel that makes them and with whoever follows one.

import { fill, language } from "../i18n.ts";
import en from "./en.json";
import zh from "./zh.json";

export function say(key: keyof typeof en, values?: Record<string, string | number>): string {
  return fill((language.value === "zh" ? zh : en)[key], values);
}
