import { describe, expect, it } from "vitest";
import { disagreements } from "../agree.ts";
import { language } from "../i18n.ts";
import en from "./en.json";
import { heldText } from "./texts.ts";
import zh from "./zh.json";

describe("texts of keys that people hold", () => {
  it("have the same keys and placeholders in both languages", () => {
    expect(disagreements(en, zh)).toEqual([]);
  });

  it("are all used", () => {
    const sources = import.meta.glob(["./*.{ts,tsx}", "../owned/*.tsx", "../visit/*.tsx", "../trades/*.tsx", "../give/*.tsx"], { query: "?raw", import: "default", eager: true }) as Record<string, string>;
    const code = Object.entries(sources).filter(([path]) => !path.endsWith(".test.ts")).map(([, text]) => text).join("\n");
    const used = (key: string) => code.includes(`"${key}"`) || [...code.matchAll(/`([a-z_.]+)\$\{/g)].some((match) => key.startsWith(match[1] as string));
    expect(Object.keys(en).filter((key) => !used(key))).toEqual([]);
  });

  it("follow the language", () => {
    language.value = "zh";
    expect(heldText("way.code")).toBe("恢复码");
    language.value = "en";
    expect(heldText("way.code")).toBe("The code");
  });
});
