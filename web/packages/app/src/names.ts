import type { Person } from "@manyworlds/protocol";
import { t } from "./i18n.ts";

/** The host numbers its simulated people in English; everybody else's name is theirs. */
export function personName(person: Pick<Person, "name" | "simulated">): string {
  const number = person.simulated ? /^Simulated walker (\d+)$/.exec(person.name)?.[1] : undefined;
  return number ? t("people.walker", { n: number }) : person.name;
}
