// Name tags over heads. One element for each tag on the screen, reused; moved by transform alone, so that a frame costs no
// layout. Names are set as text, never as markup. Screen readers get the list of people instead.

import type { ScreenLabel } from "@manyworlds/scene";

type Describe = (label: ScreenLabel) => { text: string; kind: string } | null;

export class Tags {
  shown = true;
  private readonly pool: { element: HTMLElement; text: string; kind: string; visible: boolean }[] = [];

  constructor(
    private readonly layer: HTMLElement,
    private readonly describe: Describe,
  ) {}

  update(labels: readonly ScreenLabel[]): void {
    let used = 0;
    if (this.shown) {
      for (const label of labels) {
        const what = this.describe(label);
        if (what) this.place(used++, label, what);
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
