import type { Portal } from "@manyworlds/protocol";
import { describe, expect, it } from "vitest";
import { PortalWatch } from "./portals.ts";

const gate: Portal = {
  id: "garden",
  title: { en: "Garden", zh: "花园" },
  to: { world: "garden" },
  position: [10, 0, 0],
  yaw: Math.PI / 2,
  width: 2.4,
  height: 3,
};

function walk(watch: PortalWatch, from: [number, number], to: [number, number], steps = 40, y = 0) {
  const through: string[] = [];
  let near: string | null = null;
  for (let i = 0; i <= steps; i++) {
    const share = i / steps;
    const seen = watch.move(from[0] + (to[0] - from[0]) * share, y, from[1] + (to[1] - from[1]) * share);
    if (seen.through) through.push(seen.through.id);
    near = seen.near?.id ?? null;
  }
  return { through, near };
}

describe("PortalWatch", () => {
  it("tells the gate that is near, and once that one went through", () => {
    const watch = new PortalWatch([gate]);
    expect(walk(watch, [0, 0], [8, 0])).toEqual({ through: [], near: "garden" });
    expect(walk(watch, [8, 0], [11, 0.5]).through).toEqual(["garden"]);
    expect(walk(watch, [11, 0.5], [9, 0.5]).through).toEqual([]);
  });

  it("does not send back who arrives in a gate, until they were away from it", () => {
    const watch = new PortalWatch([gate]);
    expect(walk(watch, [10.5, 0], [9.5, 0]).through).toEqual([]);
    walk(watch, [9.5, 0], [4, 0]);
    expect(walk(watch, [4, 0], [10.5, 0]).through).toEqual(["garden"]);
  });

  it("is walked through also by who runs where a picture takes a quarter of a second", () => {
    for (let start = 0; start < 1.5; start += 0.05) {
      const watch = new PortalWatch([gate]);
      expect(walk(watch, [start, 0.3], [start + 15, 0.3], 10).through).toEqual(["garden"]);
      expect(walk(watch, [start + 15, 1.3], [start, 1.3], 10).through).toEqual([]);
    }
  });

  it("counts neither walking past nor passing over nor being put elsewhere", () => {
    const watch = new PortalWatch([gate]);
    walk(watch, [0, 0], [5, 0]);
    expect(walk(watch, [9, 3], [11, 3]).through).toEqual([]);
    expect(walk(watch, [9, 0], [11, 0], 40, 8).through).toEqual([]);
    watch.move(0, 0, 0);
    expect(watch.move(14, 0, 0).through).toBeNull();
    watch.reset();
    expect(watch.move(10.2, 0, 0).through).toBeNull();
  });
});
