import { lazy, Suspense } from "preact/compat";
import { useState } from "preact/hooks";
import { type Brought, take } from "../carried/brought.ts";
import { carriedText } from "../carried/texts.ts";
import { give } from "../gifts/news.ts";
import { giftText } from "../gifts/texts.ts";
import * as state from "../state.ts";
import { thingName } from "../thing-names.ts";
import { session } from "./context.ts";
import "../gifts/gifts.css";

const Choose = lazy(() => import("../gifts/choose.tsx"));

function Thing(props: { thing: Brought; giving: boolean; onGive: (asset: string | null) => void }) {
  const { thing, giving } = props;
  const client = session.value?.client;
  if (!client) return null;
  if (thing.state !== "here")
    return (
      <li>
        <span class="name">{thingName(thing)}</span>
        <span class="about">{carriedText(`carried.${thing.state}.short`, { reason: thing.why ?? "" })}</span>
      </li>
    );
  const offered = state.gifts.value.some((gift) => gift.asset === thing.asset);
  return (
    <li>
      <span class="name">{thingName(thing)}</span>
      <button type="button" aria-pressed={thing.in_hand} onClick={() => void take(client, thing.in_hand ? null : thing.asset)}>
        {thing.in_hand ? carriedText("carried.put_away") : carriedText("carried.take")}
      </button>
      <button
        type="button"
        aria-label={giftText("give.label", { thing: thingName(thing) })}
        aria-expanded={giving}
        disabled={offered}
        onClick={() => props.onGive(giving ? null : thing.asset)}
      >
        {giftText("give")}
      </button>
      {giving && (
        <Suspense fallback={null}>
          <Choose
            about={giftText("give.guest")}
            onChoose={(person) => give(client, thing.asset, person.visitor ?? "")}
            onDone={() => props.onGive(null)}
          />
        </Suspense>
      )}
    </li>
  );
}

/** What one has brought along, to be taken in hand, put away or given away; nothing where one has brought nothing. */
export function BroughtThings() {
  const [giving, setGiving] = useState<string | null>(null);
  const things = state.brought.value;
  if (things.length === 0) return null;
  const held = things.filter((thing) => thing.custody === "holder");
  return (
    <>
      <h3>{carriedText("carried.title")}</h3>
      <ul class="brought">
        {things.map((thing) => (
          <Thing key={thing.asset} thing={thing} giving={giving === thing.asset} onGive={setGiving} />
        ))}
      </ul>
      {held.length < things.length && <p class="about">{carriedText("carried.custody", { host: things[0]?.keeper ?? "" })}</p>}
      {held.length > 0 && <p class="about">{carriedText("carried.custody.own", { things: held.map(thingName).join(", ") })}</p>}
    </>
  );
}
