import type { WorldSummary } from "@manyworlds/protocol";
import { describe, expect, it } from "vitest";
import { meantForControl } from "./input.ts";
import { worldInPath } from "./paths.ts";
import { frontWorld } from "./session.ts";

/** An element that lies within others: `inside` lists what `closest` finds. */
const within = (...inside: string[]) => ({
  closest: (selector: string) => selector.split(",").some((part) => inside.includes(part)) || null,
});

describe("keys", () => {
  it("go to a text field while one writes, but for Escape", () => {
    for (const code of ["KeyW", "Space", "Enter", "Digit1", "ArrowUp"]) expect(meantForControl(within("input"), code)).toBe(true);
    expect(meantForControl(within("input"), "Escape")).toBe(false);
  });

  it("press a button that has the focus, and still walk", () => {
    expect(meantForControl(within("button"), "Space")).toBe(true);
    expect(meantForControl(within("button"), "Enter")).toBe(true);
    expect(meantForControl(within("button"), "KeyW")).toBe(false);
  });

  it("scroll a panel by arrows", () => {
    expect(meantForControl(within(".panel"), "ArrowDown")).toBe(true);
    expect(meantForControl(within(".panel"), "KeyW")).toBe(false);
    expect(meantForControl(within(), "ArrowDown")).toBe(false);
    expect(meantForControl(null, "KeyW")).toBe(false);
  });
});

describe("the address", () => {
  it("names a world, or none", () => {
    expect(worldInPath("/w/plaza")).toBe("plaza");
    expect(worldInPath("/w/my-world_2/")).toBe("my-world_2");
    for (const path of ["/", "/w/", "/w/../etc", "/w/Plaza", "/w/a/b", "/x/plaza"]) expect(worldInPath(path)).toBeNull();
  });

  it("of the host alone leads to its largest world that is open", () => {
    const world = (name: string, capacity: number, problem?: string) => ({ name, capacity, problem }) as WorldSummary;
    expect(frontWorld([world("garden", 300), world("plaza", 1000), world("ruin", 5000, "scene.glb is missing")])).toBe("plaza");
    expect(frontWorld([world("a", 10), world("b", 10)])).toBe("a");
    expect(frontWorld([])).toBeNull();
  });
});
