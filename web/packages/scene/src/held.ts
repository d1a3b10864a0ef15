// Things in hands: the model of the catalogue, made small enough to be carried, before whoever has it. Few people carry something,
// and few of those are near: each is a small group of its own.

import { Group, type InstancedMesh, type Object3D, Vector3 } from "three";
import type { Person } from "@manyworlds/protocol";
import type { People } from "./crowd/people.ts";
import type { Things } from "./things.ts";

/** What is larger is made smaller; m. */
const LARGEST = 0.42;
/** How many are drawn, and from how far; the tag names the others. */
const MOST = 48;
const REACH = 45;
/** Before the right hand, as shares of the person's height: to the side, ahead, up. */
const HAND = { side: 0.13, ahead: 0.2, up: 0.52 } as const;

interface Hand {
  key: string;
  group: Group | null;
  /** From the ground of the group to its middle, and half of its depth, as it is drawn. */
  middle: number;
  depth: number;
}

type Grip = Pick<NonNullable<Person["carried"]>[number], "model" | "scale" | "colour">;

/** Where a hand is: for tests alone a function of its own. */
export function handAt(x: number, y: number, z: number, yaw: number, height: number, depth: number, out: Vector3): Vector3 {
  const [sin, cos] = [Math.sin(yaw), Math.cos(yaw)];
  const [side, ahead] = [HAND.side * height, HAND.ahead * height + depth];
  // Yaw 0 looks along +z; the right hand is towards -x then.
  return out.set(x - cos * side + sin * ahead, y + HAND.up * height, z + sin * side + cos * ahead);
}

export class Held {
  readonly group = new Group();
  private readonly hands = new Map<number, Hand>();
  private readonly at = new Vector3();

  constructor(private readonly things: Things) {
    this.group.name = "held";
  }

  /** How many are drawn now. */
  get count(): number {
    return this.group.children.filter((child) => child.visible).length;
  }

  set(person: Person): void {
    const grip: Grip | undefined = person.carried?.find((thing) => thing.in_hand && thing.model);
    const key = grip ? `${grip.model} ${grip.scale} ${grip.colour ?? ""}` : "";
    if ((this.hands.get(person.entity)?.key ?? "") === key) return;
    this.remove(person.entity);
    if (!grip || this.hands.size >= MOST) return;
    const hand: Hand = { key, group: null, middle: 0, depth: 0 };
    this.hands.set(person.entity, hand);
    void this.things.single(grip.model, grip.colour).then((made) => {
      if (!made) return;
      if (this.hands.get(person.entity) !== hand) return dispose(made.group);
      const size = made.box.getSize(this.at);
      const largest = Math.max(size.x, size.y, size.z, 1e-3);
      const scale = Math.min(grip.scale, LARGEST / largest);
      hand.middle = ((made.box.min.y + made.box.max.y) / 2) * scale;
      hand.depth = (size.z / 2) * scale;
      made.group.scale.setScalar(scale);
      made.group.visible = false;
      hand.group = made.group;
      this.group.add(made.group);
    });
  }

  remove(entity: number): void {
    const hand = this.hands.get(entity);
    this.hands.delete(entity);
    if (!hand?.group) return;
    this.group.remove(hand.group);
    dispose(hand.group);
  }

  clear(): void {
    for (const entity of [...this.hands.keys()]) this.remove(entity);
  }

  /** `inside`: one looks through one's own eyes. */
  update(people: People, from: Vector3, inside: boolean): void {
    for (const [entity, { group, middle, depth }] of this.hands) {
      if (!group) continue;
      const slot = people.slotOf(entity);
      const own = slot >= 0 && slot === people.selfSlot;
      group.visible = slot >= 0 && people.used[slot] === 1 && !(own && inside);
      if (!group.visible) continue;
      const [yaw, height] = [people.yaw[slot]!, people.height[slot]!];
      handAt(people.x[slot]!, people.y[slot]!, people.z[slot]!, yaw, height, depth, this.at);
      if (this.at.distanceTo(from) > REACH) group.visible = false;
      group.position.set(this.at.x, this.at.y - middle, this.at.z);
      group.rotation.y = yaw;
    }
  }
}

/** Geometry and material stay with the catalogue. */
function dispose(group: Object3D): void {
  group.traverse((object) => {
    if ((object as Partial<InstancedMesh>).isInstancedMesh) (object as InstancedMesh).dispose();
  });
}
