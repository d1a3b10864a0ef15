import { CallError } from "@manyworlds/protocol";
import { afterEach, describe, expect, it } from "vitest";
import { language } from "../i18n.ts";
import { refusal } from "./refusal.ts";

const refused = (field: string, message: string, method = "avatar.check") => new CallError(-32602, message, { field }, method);

describe("why a file is no figure", () => {
  afterEach(() => {
    language.value = "en";
  });

  it("is said in the language of whoever brings it, with what the host has found", () => {
    const error = refused("bones", "bones: there is no joint for left lower arm");
    expect(refusal(error)).toBe("It lacks bones that a person's figure needs (bones: there is no joint for left lower arm).");
    language.value = "zh";
    expect(refusal(error)).toBe("它缺少人物形象所需的骨骼（bones: there is no joint for left lower arm）。");
  });

  it("is known by the first name of the field", () => {
    expect(refusal(refused("images[3]", "has 9000 by 9000 pixels"))).toContain("pictures");
    expect(refusal(refused("accessors[2].count", "is 0"))).toContain("does not hold");
  });

  it("is as any other problem where no file was checked", () => {
    expect(refusal(refused("bytes", "too many", "avatar.begin"))).not.toContain("does not hold");
    expect(refusal(new Error("gone"))).toContain("gone");
  });
});
