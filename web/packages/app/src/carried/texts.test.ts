import { describe, expect, it } from "vitest";
import { disagreements } from "../agree.ts";
import { language } from "../i18n.ts";
import en from "./en.json";
import { carriedText } from "./texts.ts";
import zh from "./zh.json";

describe("texts of what is carried", () => {
  it("have the same keys and placeholders in both languages", () => {
    expect(disagreements(en, zh)).toEqual([]);
  });

  it("are all used", () => {
    const sources = import.meta.glob(["./*.ts", "../ui/*.tsx", "../visit/*.tsx", "../editor.ts"], { query: "?raw", import: "default", eager: true }) as Record<string, string>;
    const code = Object.entries(sources).filter(([path]) => !path.endsWith(".test.ts")).map(([, text]) => text).join("\n");
    const states = ["here", "checking", "waiting", "refused", "over"].map((state) => `carried.${state}.short`);
    const used = (key: string) => code.includes(`"${key}"`) || (states.includes(key) && code.includes("`carried.${thing.state}.short`"));
    expect(Object.keys(en).filter((key) => !used(key))).toEqual([]);
  });

  it("follow the language", () => {
    language.value = "zh";
    expect(carriedText("carried.take")).toBe("拿在手上");
    language.value = "en";
    expect(carriedText("visit.things.text", { n: 64 })).toContain("At most 64 things");
  });
});
