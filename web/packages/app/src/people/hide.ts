// Hiding somebody for oneself alone, in this browser. At most MOST; of more the one that was hidden first is shown again.

import { hidden, KEY, MOST } from "../hidden.ts";
import { store } from "../settings.ts";

export function hide(visitor: string, yes: boolean): void {
  const ids = [...hidden.value].filter((id) => id !== visitor);
  if (yes) ids.push(visitor);
  hidden.value = new Set(ids.slice(-MOST));
  store.set(KEY, JSON.stringify([...hidden.value]));
}
