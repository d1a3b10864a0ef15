import { take } from "../carried.ts";
import { t } from "../i18n.ts";
import * as state from "../state.ts";
import { thingName } from "../thing-names.ts";
import { session } from "./context.ts";

/** What one has brought along, to be taken in hand or put away; nothing where one has brought nothing. */
export function BroughtThings() {
  const things = state.brought.value;
  const client = session.value?.client;
  if (things.length === 0 || !client) return null;
  return (
    <>
      <h3>{t("carried.title")}</h3>
      <ul class="brought">
        {things.map((thing) => (
          <li key={thing.asset}>
            <span class="name">{thingName(thing)}</span>
            {thing.state === "here" ? (
              <button type="button" aria-pressed={thing.in_hand} onClick={() => void take(client, thing.in_hand ? null : thing.asset)}>
                {thing.in_hand ? t("carried.put_away") : t("carried.take")}
              </button>
            ) : (
              <span class="about">{t(`carried.${thing.state}.short`, { reason: thing.why ?? "" })}</span>
            )}
          </li>
        ))}
      </ul>
      <p class="about">{t("carried.custody", { host: things[0]?.host ?? "" })}</p>
    </>
  );
}
