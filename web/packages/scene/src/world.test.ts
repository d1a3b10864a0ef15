import { Object3D, PointLight, Vector3 } from "three";
import { describe, expect, it } from "vitest";
import { type Lamp, LampLights, levelsOf, rowHeights, showLevels } from "./world.ts";

function node(seen: unknown): Object3D {
  const object = new Object3D();
  object.userData = { manyworlds: { seen } };
  return object;
}

describe("levels of detail of a place", () => {
  it("show one at any distance", () => {
    const root = new Object3D();
    const near = node([10, 0, 0, 0, 40]);
    const far = node([10, 0, 0, 40]);
    root.add(near, far, new Object3D());
    const levels = levelsOf(root);
    expect(levels).toHaveLength(2);
    for (const x of [10, 49, 50, 51, 500]) {
      showLevels(levels, new Vector3(x, 0, 0));
      expect([near.visible, far.visible]).toEqual([x < 50, x >= 50]);
    }
  });

  it("leave alone what says nothing that makes sense", () => {
    const root = new Object3D();
    root.add(node("near"), node([1, 2, 3]), node([1, 2, 3, null]), node([1, 2, 3, 4, 5, 6]));
    expect(levelsOf(root)).toEqual([]);
  });
});

describe("lamps", () => {
  const lamp = (x: number, range: number): Lamp => ({ position: new Vector3(x, 0, 0), colour: [1, 1, 1], intensity: 10, range, always: false });

  it("that light a whole place keep their light among nearer ones", () => {
    const lights = new LampLights();
    lights.setLamps([lamp(1, 13), lamp(2, 13), lamp(3, 13), lamp(400, 260)], 1);
    lights.setPool(2);
    lights.update(new Vector3(0, 0, 0));
    const lit = lights.group.children.map((light) => light as PointLight).map((light) => [light.position.x, light.intensity]);
    expect(lit).toContainEqual([400, 10]);
    expect(lit.some(([x]) => x === 1)).toBe(true);
  });
});

it("knows the heights of a stadium's rows, and of nothing else", () => {
  const seats = { ring: [46, 26.5, 16], tiers: [{ sectors: [], rows: [[0, 1.02, [28]], [0.8, 1.335, [28]]] }, { rows: [[30, 17.7, []]] }] };
  expect(rowHeights({ extras: { manyworlds: { seats } } })).toEqual([1.02, 1.335, 17.7]);
  expect(rowHeights({ version: "2.0" })).toEqual([]);
  expect(rowHeights({ extras: { manyworlds: { seats: { tiers: [{}, { rows: [[], 5] }] } } } })).toEqual([]);
});
