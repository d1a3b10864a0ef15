import { describe, expect, it } from "vitest";
import { disagreements } from "../agree.ts";
import { language } from "../i18n.ts";
import en from "./en.json";
import { accountText } from "./texts.ts";
import zh from "./zh.json";

describe("texts of the account's panel", () => {
  it("have the same keys and placeholders in both languages", () => {
    expect(disagreements(en, zh)).toEqual([]);
  });

  it("are all used", () => {
    const sources = import.meta.glob("./*.{ts,tsx}", { query: "?raw", import: "default", eager: true }) as Record<string, string>;
    const code = Object.entries(sources).filter(([path]) => !path.endsWith(".test.ts")).map(([, text]) => text).join("\n");
    expect(Object.keys(en).filter((key) => !code.includes(`"${key}"`))).toEqual([]);
  });

  it("follow the language", () => {
    language.value = "zh";
    expect(accountText("back")).toBe("返回");
    language.value = "en";
    expect(accountText("back")).toBe("Back");
  });
});
