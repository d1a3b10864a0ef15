// People whom one does not want to see or hear, on this host: figure, tag, what they have in hand and what they say are left out of
// the picture here; their bytes go on arriving. Whom one hides is kept in this browser, and the host knows nothing of it
// (people/hide.ts); whom one has blocked is kept at home, which tells its own worlds (people/blocks.ts).

import { computed, signal } from "@preact/signals";
import { store } from "./settings.ts";
import { chat, people } from "./state.ts";

export const KEY = "manyworlds.hidden";
export const MOST = 500;
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
export const blocked = signal<ReadonlySet<string>>(new Set());

export const isHidden = (visitor: string): boolean => hidden.value.has(visitor) || blocked.value.has(visitor);

/** Also of those who have left: what they said is still there to be read. */
const known = new Set<number>();

export const hiddenEntities = computed(() => {
  if (hidden.value.size + blocked.value.size === 0) {
    known.clear();
    return NONE;
  }
  for (const person of people.value) {
    if (person.visitor && isHidden(person.visitor)) known.add(person.entity);
    else known.delete(person.entity);
  }
  return new Set(known);
});

export const shownChat = computed(() => (hiddenEntities.value.size === 0 ? chat.value : chat.value.filter((message) => !hiddenEntities.value.has(message.entity))));
