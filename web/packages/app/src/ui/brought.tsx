import { take } from "../carried/brought.ts";
import { carriedText } from "../carried/texts.ts";
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
      <h3>{carriedText("carried.title")}</h3>
      <ul class="brought">
        {things.map((thing) => (
          <li key={thing.asset}>
            <span class="name">{thingName(thing)}</span>
            {thing.state === "here" ? (
              <button type="button" aria-pressed={thing.in_hand} onClick={() => void take(client, thing.in_hand ? null : thing.asset)}>
                {thing.in_hand ? carriedText("carried.put_away") : carriedText("carried.take")}
              </button>
            ) : (
              <span class="about">{carriedText(`carried.${thing.state}.short`, { reason: thing.why ?? "" })}</span>
            )}
          </li>
        ))}
      </ul>
      <p class="about">{carriedText("carried.custody", { host: things[0]?.host ?? "" })}</p>
    </>
  );
}
