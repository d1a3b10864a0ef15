import { describe, expect, it } from "vitest";
import { disagreements } from "../agree.ts";
import { language } from "../i18n.ts";
import en from "./en.json";
import { t, unitOf, valueText } from "./texts.ts";
import zh from "./zh.json";

describe("texts of /sla", () => {
  it("have the same keys and placeholders in both languages", () => {
    expect(disagreements(en, zh)).toEqual([]);
  });

  it("are all used", () => {
    const sources = import.meta.glob("./*.{ts,tsx}", { query: "?raw", import: "default", eager: true }) as Record<string, string>;
    const code = Object.entries(sources).filter(([path]) => !path.endsWith(".test.ts")).map(([, text]) => text).join("\n");
    const used = (key: string) => code.includes(`"${key}"`) || [...code.matchAll(/`([a-z_.]+)\$\{/g)].some((match) => key.startsWith(match[1] as string));
    expect(Object.keys(en).filter((key) => !used(key))).toEqual([]);
  });

  it("have units", () => {
    language.value = "zh";
    expect(t("hour")).toBe("最近一小时");
    language.value = "en";
    expect(["join_ms", "stalled_percent", "kbit_s"].map(unitOf)).toEqual(["ms", "%", "kbit/s"]);
    expect([1234.4, 0.44, null].map(valueText)).toEqual(["1,234", "0.4", "–"]);
  });
});
