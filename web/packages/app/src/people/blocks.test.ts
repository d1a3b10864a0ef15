import type { Person } from "@manyworlds/protocol";
import { describe, expect, it } from "vitest";
import { blockOf, mayBe, numbers } from "./blocks.ts";

const person = (visitor: string, home?: string) => ({ entity: 1, visitor, name: visitor, ...(home ? { home } : {}) }) as Person;
const block = (who: string, visitor?: string) => ({ who, name: "", since_ms: 0, ...(visitor ? { visitor } : {}) });
const bo = "did:webvh:QmScid:b.example%3A8443:people:abcdefghij234567";

describe("blocks in the worlds of one's home", () => {
  it("leave out persons by their number, and the people of a host", () => {
    const list = [block(bo, "7"), block("c.example"), block("visitor:9", "9")];
    expect([...numbers(list, [person("1"), person("2", "c.example"), person("3", "d.example")])].sort()).toEqual(["2", "7", "9"]);
    expect(blockOf(list, person("2", "c.example"))?.who).toBe("c.example");
    expect(blockOf(list, person("7", "b.example:8443"))?.who).toBe(bo);
    expect(blockOf(list, person("1"))).toBeUndefined();
  });

  it("are asked for again when somebody comes from the home of one whose number is not known", () => {
    expect(mayBe([block(bo)], person("5", "b.example:8443"))).toBe(true);
    expect(mayBe([block(bo, "7")], person("5", "b.example:8443"))).toBe(false);
    expect(mayBe([block(bo)], person("5", "d.example"))).toBe(false);
    expect(mayBe([block(bo)], person("5"))).toBe(false);
  });
});
