import { BoxGeometry, Group, InstancedMesh, MeshBasicMaterial, Vector3 } from "three";
import type { Person } from "@manyworlds/protocol";
import { describe, expect, it } from "vitest";
import type { People } from "./crowd/people.ts";
import { handAt, Held } from "./held.ts";
import type { Things } from "./things.ts";

const carried = (in_hand: boolean, model = "lamp") => ({
  asset: "a",
  log: "manyworlds/a",
  host: "a.example",
  name: "",
  model,
  scale: 1,
  custody: "home" as const,
  assurance: "caught" as const,
  until_s: 1,
  in_hand,
});
const person = (things: ReturnType<typeof carried>[]) => ({ entity: 7, carried: things }) as unknown as Person;

/** A catalogue with one model, a box of 2 m. */
function catalogue(): { things: Things; made: () => number } {
  let made = 0;
  const single = async (model: string) => {
    if (model !== "lamp") return null;
    made++;
    const mesh = new InstancedMesh(new BoxGeometry(2, 2, 2), new MeshBasicMaterial(), 1);
    mesh.computeBoundingBox();
    return { group: new Group().add(mesh), box: mesh.boundingBox! };
  };
  return { things: { single } as unknown as Things, made: () => made };
}
const here = (x: number, inside = false) =>
  ({
    slotOf: (entity: number) => (entity === 7 ? 0 : -1),
    selfSlot: inside ? 0 : -1,
    used: [1],
    x: [x],
    y: [0],
    z: [0],
    yaw: [0],
    height: [1.75],
  }) as unknown as People;

describe("a thing in a hand", () => {
  it("is before its person, on their right, and turns with them", () => {
    const at = handAt(0, 0, 0, 0, 1.75, 0.1, new Vector3());
    expect(at.z).toBeGreaterThan(0.3);
    expect(at.x).toBeLessThan(-0.1);
    const turned = handAt(0, 0, 0, Math.PI / 2, 1.75, 0.1, new Vector3());
    expect(turned.x).toBeGreaterThan(0.3);
    expect(turned.z).toBeGreaterThan(0.1);
  });

  it("is made small, shown near, and taken away", async () => {
    const { things, made } = catalogue();
    const held = new Held(things);
    held.set(person([carried(false)]));
    held.set(person([carried(true)]));
    held.set(person([carried(true)]));
    await Promise.resolve();
    expect(made()).toBe(1);
    held.update(here(0), new Vector3(0, 0, 5), false);
    expect(held.count).toBe(1);
    const [group] = held.group.children;
    expect(group?.scale.x).toBeCloseTo(0.21, 5);
    held.update(here(100), new Vector3(0, 0, 5), false);
    expect(held.count).toBe(0);
    held.update(here(0, true), new Vector3(0, 0, 5), true);
    expect(held.count, "one's own hand through one's own eyes").toBe(0);
    held.set(person([carried(false)]));
    expect(held.group.children).toHaveLength(0);
  });

  it("of a model that is not known here is named alone", async () => {
    const { things } = catalogue();
    const held = new Held(things);
    held.set(person([carried(true, "palace")]));
    await Promise.resolve();
    held.update(here(0), new Vector3(), false);
    expect(held.group.children).toHaveLength(0);
  });

  it("that is put away while its model is loading does not appear", async () => {
    const { things } = catalogue();
    const held = new Held(things);
    held.set(person([carried(true)]));
    held.remove(7);
    await Promise.resolve();
    await Promise.resolve();
    expect(held.group.children).toHaveLength(0);
  });
});
