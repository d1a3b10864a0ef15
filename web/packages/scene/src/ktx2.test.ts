import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";
import { withoutDynamicCode } from "./ktx2.ts";

const file = createRequire(import.meta.url).resolve("three/examples/jsm/libs/basis/basis_transcoder.js");
const text = readFileSync(file, "utf8");

describe("the KTX2 transcoder", () => {
  it("makes no function out of text any more", () => {
    expect(text).toMatch(/newFunc\(Function,/);
    const safe = withoutDynamicCode(text);
    expect(safe).not.toMatch(/newFunc\(Function,|new Function\(|\beval\(/);
    // The rest is the transcoder as it was, and it still parses.
    expect(safe.length).toBeGreaterThan(text.length - 400);
    expect(() => new Function(safe)).not.toThrow();
  });

  it("is refused when it is another one", () => {
    expect(() => withoutDynamicCode("var BASIS=1")).toThrow(/has changed/);
  });

  it("calls through the closures as embind would", () => {
    const closures = withoutDynamicCode(text).split("var BASIS")[0]!;
    const make = new Function(`${closures}; return mwInvoker;`)() as (
      ...args: unknown[]
    ) => (...args: unknown[]) => unknown;
    const number = {
      toWireType: (_: unknown, v: number) => v,
      fromWireType: (v: number) => v * 10,
      destructorFunction: null,
    };
    const freed: unknown[] = [];
    const string = {
      toWireType: (_: unknown, v: string) => v.length,
      destructorFunction: (v: unknown) => freed.push(v),
    };
    const call = make(
      [number, null, number, string],
      false,
      true,
      false,
      (f: (...a: number[]) => number, ...a: number[]) => f(...a),
      (a: number, b: number) => a + b,
      null,
    );
    expect(call(2, "four")).toBe(60);
    expect(freed).toEqual([4]);
  });
});
