// The texts of trades, which come with the first one.

import { fill, language } from "../i18n.ts";
import en from "./en.json";
import zh from "./zh.json";

export type TradeKey = keyof typeof en;

export function tradeText(key: TradeKey, values?: Record<string, string | number>): string {
  return fill((language.value === "zh" ? zh : en)[key], values);
}
