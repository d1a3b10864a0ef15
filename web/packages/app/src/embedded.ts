// Inside <world-view>: the page around is told what happens. It only ever gets news, and may send nothing.

import { effect } from "@preact/signals";
import { link, phase, world } from "./state.ts";

export type EmbedNews =
  | { manyworlds: 1; type: "loading" }
  | { manyworlds: 1; type: "entered"; world: string; title: { en: string; zh: string } }
  | { manyworlds: 1; type: "left"; world: string }
  | { manyworlds: 1; type: "error"; reason: string };

export function tellParent(): void {
  // What is told is public (names of worlds), so any page that the host allows to frame it may hear.
  const tell = (news: EmbedNews) => window.parent.postMessage(news, "*");
  // The first sign of life: without it the element takes the world for refused.
  tell({ manyworlds: 1, type: "loading" });
  let inside: string | null = null;
  const leave = () => {
    if (inside) tell({ manyworlds: 1, type: "left", world: inside });
    inside = null;
  };
  effect(() => {
    const now = phase.value;
    const detail = world.value;
    if (now.kind === "in" && detail && detail.name !== inside) {
      leave();
      inside = detail.name;
      tell({ manyworlds: 1, type: "entered", world: detail.name, title: detail.title });
    } else if (now.kind === "failed") {
      leave();
      tell({ manyworlds: 1, type: "error", reason: now.reason });
    }
  });
  effect(() => {
    const now = link.value;
    if (now.kind !== "ended") return;
    leave();
    tell({ manyworlds: 1, type: "error", reason: now.reason });
  });
}
