import { describe, expect, it } from "vitest";
import { disagreements } from "../agree.ts";
import { language } from "../i18n.ts";
import en from "./en.json";
import { say, sayCount } from "./texts.ts";
import zh from "./zh.json";

describe("texts of friends", () => {
  it("have the same keys and placeholders in both languages", () => {
    expect(disagreements(en, zh)).toEqual([]);
  });

  it("are all used", () => {
    const sources = import.meta.glob(["./*.{ts,tsx}", "../account/account.tsx"], { query: "?raw", import: "default", eager: true }) as Record<string, string>;
    const code = Object.entries(sources).filter(([path]) => !path.endsWith(".test.ts")).map(([, text]) => text).join("\n");
    const used = (key: string) => code.includes(`"${key}"`) || code.includes(`"${key.replace(/\.(one|other)$/, "")}"`) || [...code.matchAll(/`([a-z_.]+)\$\{/g)].some((match) => key.startsWith(match[1] as string));
    expect(Object.keys(en).filter((key) => !used(key))).toEqual([]);
  });

  it("follow the language and the number", () => {
    language.value = "zh";
    expect(say("place", { world: "garden", host: "b.example" })).toBe("在 b.example 的 garden");
    expect(sayCount("unread", 1)).toBe("1 条新消息");
    language.value = "en";
    expect(sayCount("unread", 1)).toBe("1 new message");
    expect(sayCount("unread", 2)).toBe("2 new messages");
  });
});
