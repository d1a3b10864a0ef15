// People whom one does not want to see or hear, on this host: figure, tag, what they have in hand and what they say are left out of
// the picture here. The host knows nothing of it, and their bytes go on arriving. Kept in this browser, at most MOST visitors; of
// more the one that was hidden first is shown again.

import { computed, signal } from "@preact/signals";
import { store } from "./settings.ts";
import { chat, people } from "./state.ts";

const KEY = "manyworlds.hidden";
const MOST = 500;
const NONE: ReadonlySet<number> = new Set();

function kept(): string[] {
  try {
    const value: unknown = JSON.parse(store.get(KEY) ?? "[]");
    return Array.isArray(value) ? value.filter((id): id is string => typeof id === "string").slice(-MOST) : [];
  } catch {
    return [];
  }
}

/** Their numbers as visitors of this host. */
export const hidden = signal<ReadonlySet<string>>(new Set(kept()));

/** Also of those who have left: what they said is still there to be read. */
const known = new Set<number>();

export const hiddenEntities = computed(() => {
  const ids = hidden.value;
  if (ids.size === 0) {
    known.clear();
    return NONE;
  }
  for (const person of people.value) {
    if (person.visitor && ids.has(person.visitor)) known.add(person.entity);
    else known.delete(person.entity);
  }
  return new Set(known);
});

export const shownChat = computed(() => (hiddenEntities.value.size === 0 ? chat.value : chat.value.filter((message) => !hiddenEntities.value.has(message.entity))));

export function hide(visitor: string, yes: boolean): void {
  const ids = [...hidden.value].filter((id) => id !== visitor);
  if (yes) ids.push(visitor);
  hidden.value = new Set(ids.slice(-MOST));
  store.set(KEY, JSON.stringify([...hidden.value]));
}
