// How things that people have brought are called.

import type { Person } from "@manyworlds/protocol";
import { named, t } from "./i18n.ts";
import * as state from "./state.ts";

/** As people call it: its own name, or that of the model where this world has such a one. */
export function thingName(thing: { name: string; model: string }): string {
  const model = state.world.value?.models.find((item) => item.name === thing.model);
  return thing.name || named(model?.title, thing.model) || t("carried.thing");
}

/** What of a person's belongings a tag has room for. */
export function handName(person: Pick<Person, "carried">): string {
  const thing = person.carried?.find((item) => item.in_hand);
  return thing ? thingName(thing) : "";
}
