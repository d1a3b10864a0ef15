// Which names are shown, and where: the nearest people in front of the camera whom nothing hides, portals, named
// things. The places are on the canvas in CSS pixels; the records are reused, so that a frame allocates nothing.

import { type PerspectiveCamera, Vector3 } from "three";
import type { Thing } from "@manyworlds/protocol";
import type { Crowd } from "./crowd/crowd.ts";
import { SIT, SIT_SEAT } from "./crowd/gait.ts";
import type { Rays } from "./obstacles.ts";
import type { PortalGate } from "./portals.ts";
import type { ScreenLabel } from "./types.ts";

const personReach = 26;
const portalReach = 60;
const thingReach = 18;
const overHead = 0.24;
/** By how much of their height people are lower who sit on the ground or on a seat. */
const sitting: Record<number, number> = { [SIT]: 0.47, [SIT_SEAT]: 0.23 };

export interface LabelSources {
  crowd: Crowd | null;
  gates: readonly PortalGate[];
  things: Iterable<Thing>;
  topOf: (thing: Thing) => number;
  rays: Rays | null;
  width: number;
  height: number;
}

export class Labels {
  private readonly pool: ScreenLabel[] = [];
  private readonly shown: ScreenLabel[] = [];
  private readonly place = new Vector3();
  private nearest: { slot: number; d2: number }[] = [];

  find(camera: PerspectiveCamera, from: LabelSources, max: number): readonly ScreenLabel[] {
    this.shown.length = 0;
    for (const gate of from.gates) {
      const [x, y, z] = gate.portal.position;
      this.add(camera, from, "portal", 0, gate.portal.id, x, y + gate.portal.height * 0.55, z, portalReach, false);
    }
    if (from.crowd) this.addPeople(camera, from, from.crowd, max);
    for (const thing of from.things) {
      if (!thing.name) continue;
      const [x, y, z] = thing.position;
      this.add(camera, from, "thing", thing.entity, "", x, y + from.topOf(thing) + 0.2, z, thingReach, true);
    }
    this.shown.sort((a, b) => a.distance - b.distance);
    if (this.shown.length > max) this.shown.length = max;
    return this.shown;
  }

  private addPeople(camera: PerspectiveCamera, from: LabelSources, crowd: Crowd, max: number): void {
    const { people } = crowd;
    const { x: ex, y: ey, z: ez } = camera.position;
    let count = 0;
    const { nearest } = this;
    for (let i = 0; i < people.slots; i++) {
      // Who is not in the picture has no name in it either.
      const away = crowd.distanceOf(i);
      if (away < 0 || away > personReach + 2 || people.used[i] !== 1 || i === people.selfSlot) continue;
      const dx = people.x[i]! - ex;
      const dy = people.y[i]! - ey;
      const dz = people.z[i]! - ez;
      const d2 = dx * dx + dy * dy + dz * dz;
      if (d2 > personReach * personReach) continue;
      if (count === max && d2 >= nearest[count - 1]!.d2) continue;
      let at = count < max ? count++ : count - 1;
      nearest[at] ??= { slot: 0, d2: 0 };
      const entry = nearest[at]!;
      // Insertion into a short sorted list: `max` is a few dozen.
      while (at > 0 && nearest[at - 1]!.d2 > d2) {
        nearest[at] = nearest[at - 1]!;
        at--;
      }
      nearest[at] = entry;
      entry.slot = i;
      entry.d2 = d2;
    }
    for (let k = 0; k < count; k++) {
      const slot = nearest[k]!.slot;
      const sits = sitting[people.gait.clip[slot]!] ?? 0;
      const y = people.y[slot]! + people.height[slot]! * (1 - sits) + overHead;
      this.add(
        camera,
        from,
        "person",
        people.entity[slot]!,
        "",
        people.x[slot]!,
        y,
        people.z[slot]!,
        personReach,
        true,
      );
    }
  }

  private add(
    camera: PerspectiveCamera,
    from: LabelSources,
    kind: ScreenLabel["kind"],
    entity: number,
    portal: string,
    x: number,
    y: number,
    z: number,
    reach: number,
    hidable: boolean,
  ): void {
    const { place } = this;
    place.set(x, y, z);
    const distance = place.distanceTo(camera.position);
    if (distance > reach || distance < 0.4) return;
    if (hidable && from.rays) {
      const { x: ex, y: ey, z: ez } = camera.position;
      const [dx, dy, dz] = [(x - ex) / distance, (y - ey) / distance, (z - ez) / distance];
      if (from.rays.cast(ex, ey, ez, dx, dy, dz, distance - 0.3) < distance - 0.31) return;
    }
    place.project(camera);
    if (place.z > 1 || Math.abs(place.x) > 1.1 || Math.abs(place.y) > 1.1) return;
    const i = this.shown.length;
    const label = (this.pool[i] ??= { kind, entity, portal, x: 0, y: 0, distance: 0 });
    label.kind = kind;
    label.entity = entity;
    label.portal = portal;
    label.x = (place.x * 0.5 + 0.5) * from.width;
    label.y = (0.5 - place.y * 0.5) * from.height;
    label.distance = distance;
    this.shown.push(label);
  }
}
