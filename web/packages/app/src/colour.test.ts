import { describe, expect, it } from "vitest";
import { contrast, PANEL, readableOnDark, textOn, validColour } from "./colour.ts";

describe("colours of a world", () => {
  it("stay readable, whatever the accent", () => {
    for (let i = 0; i < 512; i++) {
      const accent = `#${[(i >> 6) & 7, (i >> 3) & 7, i & 7].map((c) => Math.round((c * 255) / 7).toString(16).padStart(2, "0")).join("")}`;
      expect(contrast(accent, textOn(accent)), accent).toBeGreaterThanOrEqual(4.5);
      expect(contrast(readableOnDark(accent), PANEL), accent).toBeGreaterThanOrEqual(4.5);
    }
  });

  it("refuse what is not a colour", () => {
    expect(validColour("red;background:url(x)", "#2a9d8f")).toBe("#2a9d8f");
    expect(validColour("#A1B2C3", "#2a9d8f")).toBe("#A1B2C3");
  });
});
