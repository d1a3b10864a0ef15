import { describe, expect, it } from "vitest";
import { disagreements } from "../agree.ts";
import { language } from "../i18n.ts";
import en from "./en.json";
import { say } from "./texts.ts";
import zh from "./zh.json";

describe("texts of the wardrobe", () => {
  it("have the same keys and placeholders in both languages", () => {
    expect(disagreements(en, zh)).toEqual([]);
  });

  it("are all used", () => {
    const sources = import.meta.glob(["./*.{ts,tsx}", "../ui/{name,account}.tsx"], { query: "?raw", import: "default", eager: true }) as Record<string, string>;
    const code = Object.entries(sources).filter(([path]) => !path.endsWith(".test.ts")).map(([, text]) => text).join("\n");
    // Shapes and colours are numbered.
    const numbered = (key: string) => code.includes(`"${/^(\w+)\.\d+$/.exec(key)?.[1] ?? key}"`);
    const used = (key: string) => numbered(key) || code.includes(`"${key}"`) || [...code.matchAll(/`([a-z_.]+)\$\{/g)].some((match) => key.startsWith(match[1] as string));
    expect(Object.keys(en).filter((key) => !used(key))).toEqual([]);
  });

  it("follow the language", () => {
    language.value = "zh";
    expect(say("outfits.number", { n: 2 })).toBe("套装 2");
    language.value = "en";
    expect(say("outfits.number", { n: 2 })).toBe("Outfit 2");
  });
});
