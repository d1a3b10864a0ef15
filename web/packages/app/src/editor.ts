// Building: choosing a model and putting it up, choosing a thing and changing it. Every change is a call; what is shown
// afterwards is what the host said to everyone.

import { CallError, ErrorCode, type Thing, type ThingFields, type Vec3 } from "@manyworlds/protocol";
import type { Placement } from "@manyworlds/scene";
import { signal } from "@preact/signals";
import { carriedText } from "./carried/texts.ts";
import { t } from "./i18n.ts";
import type { Session, Tool } from "./session.ts";
import { notify, problem } from "./state.ts";

const TURN = Math.PI / 12;
const SCALE = { least: 0.25, most: 4 } as const;

export class Editor implements Tool {
  /** Model of the catalogue that the next click puts up. */
  readonly model = signal<string | null>(null);
  readonly selected = signal<Thing | null>(null);
  private yaw = 0;
  private at: Vec3 | null = null;
  private dragging: { thing: Thing; placement: Placement; moved: boolean } | null = null;
  private readonly stop: () => void;

  constructor(private readonly session: Session) {
    session.tool = this;
    const place = session.client.place;
    const offs = [
      place?.on("thing", (thing) => {
        if (thing.entity === this.selected.value?.entity && !this.dragging) this.selected.value = thing;
      }),
      place?.on("thingRemoved", (entity) => {
        if (entity === this.selected.value?.entity) this.select(null);
      }),
    ];
    this.stop = () => offs.forEach((off) => off?.());
  }

  dispose(): void {
    this.stop();
    if (this.session.tool === this) this.session.tool = null;
    this.session.scene.ghost(null, null);
    this.session.scene.highlight(null);
  }

  choose(model: string | null): void {
    this.model.value = this.model.value === model ? null : model;
    if (this.model.value) this.select(null);
    this.showGhost();
  }

  select(thing: Thing | null): void {
    this.selected.value = thing;
    this.session.scene.highlight(thing?.entity ?? null);
  }

  press(action: string): boolean {
    if (action === "undo" || action === "redo") void this.history(action);
    else if (action === "turn" || action === "turnBack") this.turn(action === "turn" ? 1 : -1);
    else if (action === "delete" && this.selected.value) void this.remove();
    else if (action === "escape" && (this.model.value || this.selected.value)) {
      this.choose(null);
      this.select(null);
    } else return false;
    return true;
  }

  hover(x: number, y: number): void {
    if (!this.model.value) return;
    this.at = this.pointAt(x, y);
    this.showGhost();
  }

  click(x: number, y: number): void {
    if (this.model.value) {
      const point = this.pointAt(x, y);
      if (point) void this.add(this.model.value, point);
      return;
    }
    const hit = this.session.scene.pick(x, y);
    this.select(hit.entity === undefined ? null : (this.session.client.place?.things.get(hit.entity) ?? null));
  }

  dragStart(x: number, y: number): boolean {
    const thing = this.selected.value;
    if (!thing || this.model.value || this.session.scene.pick(x, y).entity !== thing.entity) return false;
    this.dragging = { thing, placement: placementOf(thing), moved: false };
    return true;
  }

  dragMove(x: number, y: number): void {
    const drag = this.dragging;
    if (!drag) return;
    const { scene } = this.session;
    if (!drag.moved) {
      // While it is carried it must not be what the ray meets.
      scene.removeThing(drag.thing.entity);
      drag.moved = true;
    }
    const point = this.pointAt(x, y);
    if (point) drag.placement = { ...drag.placement, position: point };
    scene.ghost(drag.thing.model, drag.placement);
  }

  dragEnd(): void {
    const drag = this.dragging;
    this.dragging = null;
    if (!drag?.moved) return;
    this.session.scene.ghost(null, null);
    // Shown at the new place at once; the host's word follows, or the old place comes back.
    this.session.scene.setThing({ ...drag.thing, position: drag.placement.position });
    this.session.scene.highlight(drag.thing.entity);
    void this.change({ position: rounded(drag.placement.position) });
  }

  turn(steps: number): void {
    if (this.model.value) {
      this.yaw += steps * TURN;
      this.showGhost();
    } else if (this.selected.value) void this.change({ yaw: wrapped(this.selected.value.yaw + steps * TURN) });
  }

  async change(fields: Partial<ThingFields>): Promise<void> {
    const thing = this.selected.value;
    if (!thing) return;
    this.selected.value = { ...thing, ...fields };
    try {
      await this.session.client.call("entity.change", { entity: thing.entity, ...fields });
    } catch (error) {
      const current = this.session.client.place?.things.get(thing.entity) ?? null;
      if (current) this.session.scene.setThing(current);
      this.select(current);
      problem(error);
    }
  }

  scale(scale: number): void {
    void this.change({ scale: Math.max(SCALE.least, Math.min(SCALE.most, scale)) });
  }

  async remove(): Promise<void> {
    const thing = this.selected.value;
    if (!thing) return;
    try {
      await this.session.client.call("entity.remove", { entity: thing.entity });
      this.select(null);
    } catch (error) {
      problem(error);
    }
  }

  /** The chosen thing becomes its maker's by a record in the host's log, and can be taken along on a visit. */
  async makeTitle(): Promise<void> {
    const thing = this.selected.value;
    if (!thing) return;
    try {
      await this.session.client.call("title.create", { entity: thing.entity });
      notify(carriedText("edit.title.made"));
    } catch (error) {
      problem(error);
    }
  }

  async history(which: "undo" | "redo"): Promise<void> {
    try {
      await this.session.client.call(which, {});
      notify(which === "undo" ? t("edit.undone") : t("edit.redone"));
    } catch (error) {
      const nothing = error instanceof CallError && error.code === ErrorCode.conflict;
      if (nothing) notify(which === "undo" ? t("edit.nothing_undo") : t("edit.nothing_redo"));
      else problem(error);
    }
  }

  /** Where a thing may stand; somebody who walks through the ray is no place. */
  private pointAt(x: number, y: number): Vec3 | null {
    const hit = this.session.scene.pick(x, y);
    return hit.person === undefined ? hit.point : this.at;
  }

  private async add(model: string, position: Vec3): Promise<void> {
    try {
      await this.session.client.call("entity.add", { model, position: rounded(position), yaw: wrapped(this.yaw) });
    } catch (error) {
      problem(error);
    }
  }

  private showGhost(): void {
    const model = this.model.value;
    const shown = model !== null && this.at !== null;
    this.session.scene.ghost(shown ? model : null, shown ? { position: this.at as Vec3, yaw: this.yaw, scale: 1 } : null);
  }
}

function placementOf(thing: Thing): Placement {
  return { position: thing.position, yaw: thing.yaw, scale: thing.scale, colour: thing.colour };
}

/** To the millimetre: more digits say nothing. */
function rounded(position: Vec3): Vec3 {
  return position.map((value) => Math.round(value * 1000) / 1000) as Vec3;
}

function wrapped(angle: number): number {
  const turn = 2 * Math.PI;
  return Math.round((angle - turn * Math.round(angle / turn)) * 10_000) / 10_000;
}
