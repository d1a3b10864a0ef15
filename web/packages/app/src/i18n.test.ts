import type { Person } from "@manyworlds/protocol";
import { describe, expect, it } from "vitest";
import { fill, language, plural, preferredLanguage, t } from "./i18n.ts";
import en from "./lang/en.json";
import zh from "./lang/zh.json";
import { personName } from "./names.ts";

const placeholders = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();

describe("texts", () => {
  it("have the same keys in both languages", () => {
    expect(Object.keys(zh).sort()).toEqual(Object.keys(en).sort());
  });

  it("have the same placeholders in both languages, and no empty text", () => {
    for (const [key, text] of Object.entries(en)) {
      const other = zh[key as keyof typeof zh];
      expect([key, placeholders(other)]).toEqual([key, placeholders(text)]);
      expect(text.trim() && other.trim(), key).toBeTruthy();
    }
  });

  it("are all used, and every used key is there", async () => {
    const sources = import.meta.glob("./**/*.{ts,tsx}", { query: "?raw", import: "default", eager: true }) as Record<string, string>;
    const code = Object.entries(sources)
      .filter(([path]) => !path.endsWith(".test.ts"))
      .map(([, text]) => text)
      .join("\n");
    const used = (key: string) =>
      code.includes(`"${key}"`) ||
      // Keys that are put together: `error.${...}` and plurals.
      [...code.matchAll(/`([a-z_.]+)\$\{/g)].some((match) => key.startsWith(match[1] as string)) ||
      /\.(one|other)$/.test(key);
    expect(Object.keys(en).filter((key) => !used(key))).toEqual([]);
  });

  it("follow the browser", () => {
    expect(preferredLanguage(["fr-FR", "zh-TW", "en"])).toBe("zh");
    expect(preferredLanguage(["en-GB", "zh"])).toBe("en");
    expect(preferredLanguage([])).toBe("en");
  });

  it("fill in values and choose plurals", () => {
    expect(fill("{a} and {b}", { a: 1 })).toBe("1 and {b}");
    language.value = "en";
    expect(plural("people", 1)).toBe("1 person here");
    expect(plural("people", 1200)).toBe("1,200 people here");
    language.value = "zh";
    expect(plural("people", 1)).toBe("这里有 1 人");
    expect(t("chat.title")).toBe("聊天");
    const walker = { name: "Simulated walker 7", simulated: true } as Person;
    expect(personName(walker)).toBe("行人 7");
    expect(personName({ ...walker, simulated: false })).toBe("Simulated walker 7");
    language.value = "en";
  });
});
