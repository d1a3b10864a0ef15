// The way to the table: with whom, and perhaps with what.

import type { Person } from "@manyworlds/protocol";
import { panel } from "../state.ts";
import { draft } from "./news.ts";
import { show } from "./trades.tsx";

export function start(person: Pick<Person, "visitor" | "name">, gives?: string): void {
  // The panel that led here lies where the table comes.
  panel.value = null;
  draft.value = { person, ...(gives ? { gives } : {}) };
  show();
}
