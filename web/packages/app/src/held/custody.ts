// Who keeps the key of a thing, in words: wherever its title shows.

import { heldText } from "./texts.ts";

/** `home`: the host that keeps it, where the data names no other. */
export function custodyOf(thing: { custody: "home" | "holder"; kept_by?: string }, home: string): string {
  return thing.custody === "holder" ? heldText("custody.holder") : heldText("custody.home", { host: thing.kept_by ?? home });
}
