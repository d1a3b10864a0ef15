// Texts in English and Chinese. `t` reads a signal, so that a component that used it is drawn again in the other language.

import type { Language, Text } from "@manyworlds/protocol";
import { signal } from "@preact/signals";
import en from "./lang/en.json";
import zh from "./lang/zh.json";

export type TextKey = keyof typeof en;
type Values = Record<string, string | number>;

const texts: Record<Language, Record<TextKey, string>> = { en, zh };
const htmlLanguage: Record<Language, string> = { en: "en", zh: "zh-CN" };

export const language = signal<Language>("en");

/** The first of the browser's languages that there is; otherwise English. */
export function preferredLanguage(preferred: readonly string[]): Language {
  for (const tag of preferred) {
    const base = tag.toLowerCase().split("-")[0];
    if (base === "zh" || base === "en") return base;
  }
  return "en";
}

export function setLanguage(next: Language): void {
  language.value = next;
  if (typeof document !== "undefined") {
    document.documentElement.lang = htmlLanguage[next];
    document.title = texts[next]["app.title"];
  }
}

export function fill(text: string, values: Values = {}): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

export function t(key: TextKey, values?: Values): string {
  return fill(texts[language.value][key], values);
}

type PluralKey = TextKey extends infer K ? (K extends `${infer Base}.other` ? Base : never) : never;

/** Chooses between the keys `.one` and `.other`. */
export function plural(base: PluralKey, n: number): string {
  const form = new Intl.PluralRules(htmlLanguage[language.value]).select(n) === "one" ? "one" : "other";
  return t(`${base}.${form}` as TextKey, { n: count(n) });
}

/** A number as people of the language write it. */
export function count(n: number): string {
  return new Intl.NumberFormat(htmlLanguage[language.value]).format(n);
}

/** Something that a world's maker named in both languages. */
export function named(text: Text | undefined, fallback = ""): string {
  return text?.[language.value] || text?.en || text?.zh || fallback;
}

export function dayOf(ms: number): string {
  return new Intl.DateTimeFormat(htmlLanguage[language.value], { dateStyle: "medium" }).format(ms);
}

export function timeOfDay(ms: number): string {
  return new Intl.DateTimeFormat(htmlLanguage[language.value], { hour: "2-digit", minute: "2-digit" }).format(ms);
}
