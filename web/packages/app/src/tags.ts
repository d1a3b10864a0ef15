// Name tags over heads. One element for each tag on the screen, reused; moved by transform alone, so that a frame costs no
// layout. Names are set as text, never as markup. Screen readers get the list of people instead.

import type { ScreenLabel } from "@manyworlds/scene";

const HEIGHT = 24;
/** Of a letter, and of a character that is as wide as high. */
const NARROW = 7.4;
const WIDE = 13.5;

/** About how wide a text is, without asking the browser for a layout. */
export function roughWidth(text: string): number {
  let width = 18;
  for (const char of text) width += (char.codePointAt(0) ?? 0) >= 0x2e80 ? WIDE : NARROW;
  return Math.min(200, width);
}

/** Tells whether a tag would lie over one that was placed before; the nearer ones were. */
export class Room {
  private readonly taken: number[] = [];

  clear(): void {
    this.taken.length = 0;
  }

  take(x: number, y: number, width: number): boolean {
    for (let i = 0; i < this.taken.length; i += 3) {
      const [ox, oy, ow] = [this.taken[i] as number, this.taken[i + 1] as number, this.taken[i + 2] as number];
      if (Math.abs(x - ox) < (width + ow) / 2 && Math.abs(y - oy) < HEIGHT) return false;
    }
    this.taken.push(x, y, width);
    return true;
  }
}

type Describe = (label: ScreenLabel) => { text: string; kind: string } | null;

export class Tags {
  shown = true;
  private readonly room = new Room();
  private readonly pool: { element: HTMLElement; text: string; kind: string; visible: boolean }[] = [];

  constructor(
    private readonly layer: HTMLElement,
    private readonly describe: Describe,
  ) {}

  update(labels: readonly ScreenLabel[]): void {
    let used = 0;
    this.room.clear();
    if (this.shown) {
      for (const label of labels) {
        const what = this.describe(label);
        if (what && this.room.take(label.x, label.y, roughWidth(what.text))) this.place(used++, label, what);
      }
    }
    for (let i = used; i < this.pool.length; i++) {
      const tag = this.pool[i];
      if (tag?.visible) tag.element.hidden = !(tag.visible = false);
    }
  }

  private place(index: number, label: ScreenLabel, what: { text: string; kind: string }): void {
    let tag = this.pool[index];
    if (!tag) {
      const element = document.createElement("div");
      element.className = "tag";
      this.layer.append(element);
      tag = { element, text: "", kind: "", visible: true };
      this.pool.push(tag);
    }
    const { element } = tag;
    if (tag.text !== what.text) element.textContent = tag.text = what.text;
    if (tag.kind !== what.kind) element.dataset["kind"] = tag.kind = what.kind;
    if (!tag.visible) element.hidden = !(tag.visible = true);
    element.style.transform = `translate(${label.x.toFixed(1)}px, ${label.y.toFixed(1)}px) translate(-50%, -100%)`;
    element.style.opacity = String(Math.max(0.25, Math.min(1, 1.25 - label.distance / 40)));
  }
}
