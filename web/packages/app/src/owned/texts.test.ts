import { describe, expect, it } from "vitest";
import { disagreements } from "../agree.ts";
import { language } from "../i18n.ts";
import en from "./en.json";
import { ownedText } from "./texts.ts";
import zh from "./zh.json";

describe("texts of what is owned", () => {
  it("have the same keys and placeholders in both languages", () => {
    expect(disagreements(en, zh)).toEqual([]);
  });

  it("are all used", () => {
    const sources = import.meta.glob(["./*.{ts,tsx}", "../account/account.tsx"], { query: "?raw", import: "default", eager: true }) as Record<string, string>;
    const code = Object.entries(sources).filter(([path]) => !path.endsWith(".test.ts")).map(([, text]) => text).join("\n");
    const used = (key: string) => code.includes(`"${key}"`) || [...code.matchAll(/`([a-z_.]+)\$\{/g)].some((match) => key.startsWith(match[1] as string));
    expect(Object.keys(en).filter((key) => !used(key))).toEqual([]);
  });

  it("follow the language", () => {
    language.value = "zh";
    expect(ownedText("here")).toBe("在家");
    language.value = "en";
    expect(ownedText("here")).toBe("at home");
  });
});
