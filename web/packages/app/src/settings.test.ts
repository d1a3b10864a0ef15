import { describe, expect, it } from "vitest";
import { DISTANCE, readSettings } from "./settings.ts";

describe("settings", () => {
  it("follow the browser when nothing was chosen", () => {
    const settings = readSettings(null, ["zh-CN"], true);
    expect(settings).toMatchObject({ language: "zh", reducedMotion: true, quality: "auto", nameTags: true });
  });

  it("survive nonsense in the store", () => {
    for (const text of ["{", "null", "[1]", '"x"', '{"quality":"ultra","distance":"far","invertLook":1,"language":"fr"}']) {
      const settings = readSettings(text, ["en"], false);
      expect(settings).toMatchObject({ language: "en", quality: "auto", distance: DISTANCE.usual, invertLook: false });
    }
  });

  it("keep what was chosen", () => {
    const text = JSON.stringify({ language: "zh", quality: "low", reducedMotion: false, distance: 5, camera: "first" });
    expect(readSettings(text, ["en"], true)).toMatchObject({
      language: "zh",
      quality: "low",
      reducedMotion: false,
      distance: 5,
      camera: "first",
    });
  });
});
