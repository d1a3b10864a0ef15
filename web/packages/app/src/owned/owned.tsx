// What somebody owns, inside the account's panel: where each thing is, the way to call it home, and its history with the proofs.

import { type Calls, isNotification } from "@manyworlds/protocol";
import type { Client } from "@manyworlds/sdk";
import { lazy, Suspense } from "preact/compat";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { language } from "../i18n.ts";
import * as state from "../state.ts";
import { thingName } from "../thing-names.ts";
import { giftText } from "../gifts/texts.ts";
import { custodyOf } from "../held/custody.ts";
import { heldText } from "../held/texts.ts";
import { hostOf } from "../visit/things.tsx";
import { Giving } from "./giving.tsx";
import { History } from "./history.tsx";
import { ownedText } from "./texts.ts";
import { Trading } from "./trading.tsx";
import "./owned.css";

const HeldKeys = lazy(() => import("../held/held.tsx").then((module) => module.HeldKeys));

type Thing = Calls["title.mine"]["result"]["things"][number];

const timeOf = (seconds: number) =>
  new Intl.DateTimeFormat(language.value === "zh" ? "zh-CN" : "en", { hour: "2-digit", minute: "2-digit" }).format(new Date(seconds * 1000));

/** Home waits for as long as two clocks may differ before it shows a thing again. */
const SKEW_MS = 5_000;
const isOver = (away: { until_s: number }) => away.until_s * 1000 <= Date.now();

function Row(props: { client: Client; thing: Thing; onThings: (things: readonly Thing[]) => void; onProblem: (error: unknown) => void }) {
  const { client, thing } = props;
  const [busy, setBusy] = useState(false);
  const [asked, setAsked] = useState<"give" | "trade" | null>(null);
  const ask = (what: "give" | "trade") => setAsked(asked === what ? null : what);
  const refresh = () => client.call("title.mine", {}).then((now) => props.onThings(now.things), props.onProblem);
  const recall = () => {
    setBusy(true);
    client
      .call("title.recall", { asset: thing.asset })
      .then(({ things }) => {
        state.notify(ownedText("recalled", { thing: thingName(thing) }));
        props.onThings(things);
      }, props.onProblem)
      .finally(() => setBusy(false));
  };
  const away = thing.away && !isOver(thing.away) ? thing.away : undefined;
  const where = away
    ? ownedText("away", { host: hostOf(away.host), time: timeOf(away.until_s) })
    : thing.away
      ? ownedText("returning")
      : thing.log_host
        ? ""
        : ownedText("here");
  return (
    <li>
      <div class="owned-line">
        <span class="grow">
          <span class="host">{thingName(thing)}</span>
          {where && <span class="source">{where}</span>}
        </span>
        {away && (
          <button type="button" disabled={busy} aria-label={ownedText("recall.label", { thing: thingName(thing) })} onClick={recall}>
            {ownedText("recall")}
          </button>
        )}
        {!thing.away && (
          <button type="button" aria-expanded={asked === "give"} aria-label={giftText("give.label", { thing: thingName(thing) })} onClick={() => ask("give")}>
            {giftText("give")}
          </button>
        )}
        {!thing.away && !thing.log_host && (
          <button type="button" aria-expanded={asked === "trade"} aria-label={ownedText("trade.label", { thing: thingName(thing) })} onClick={() => ask("trade")}>
            {ownedText("trade")}
          </button>
        )}
      </div>
      {thing.changed && <span class="source">{ownedText("changed")}</span>}
      {thing.log_host && <span class="source">{ownedText("elsewhere", { host: thing.log_host })}</span>}
      <span class="source">{thing.custody === "holder" ? heldText("custody.own") : custodyOf(thing, location.host)}</span>
      {asked === "give" && <Giving client={client} thing={thing} onGiven={() => void refresh()} onDone={() => setAsked(null)} onProblem={props.onProblem} />}
      {asked === "trade" && <Trading asset={thing.asset} onDone={() => setAsked(null)} />}
      {!thing.log_host && <History client={client} asset={thing.asset} />}
    </li>
  );
}

export function OwnedThings(props: { client: Client; onBack: () => void }) {
  const { client } = props;
  const heading = useRef<HTMLHeadingElement>(null);
  const [things, setThings] = useState<readonly Thing[] | null>(null);
  const [error, setError] = useState("");
  const [keys, setKeys] = useState(false);
  const fail = (reason: unknown) => setError(state.errorText(reason));
  // The button that led here is gone, and keys would go to the world.
  useLayoutEffect(() => heading.current?.focus(), [keys]);
  useEffect(() => {
    client.call("title.mine", {}).then((now) => setThings(now.things), fail);
    return client.on("notification", (news) => {
      if (isNotification(news, "title.owned")) setThings(news.params.things);
    });
  }, []);
  useEffect(() => {
    const ends = things?.flatMap((thing) => (thing.away ? [thing.away.until_s * 1000 + SKEW_MS] : [])) ?? [];
    if (ends.length === 0) return;
    const later = setTimeout(() => client.call("title.mine", {}).then((now) => setThings(now.things), fail), Math.max(1_000, Math.min(...ends) - Date.now() + 500));
    return () => clearTimeout(later);
  }, [things]);
  if (keys)
    return (
      <Suspense fallback={<p class="about">{ownedText("asking")}</p>}>
        <HeldKeys client={client} onBack={() => setKeys(false)} />
      </Suspense>
    );
  return (
    <div class="stack kept">
      <h3 ref={heading} tabIndex={-1}>
        {ownedText("title")}
      </h3>
      {things && <p class="about">{ownedText(things.length > 0 ? "text" : "none")}</p>}
      {!things && !error && <p class="about">{ownedText("asking")}</p>}
      <ul class="owned">
        {things?.map((thing) => (
          <Row key={thing.asset} client={client} thing={thing} onThings={setThings} onProblem={fail} />
        ))}
      </ul>
      {error && (
        <p class="error" role="alert">
          {error}
        </p>
      )}
      <button type="button" onClick={() => setKeys(true)}>
        {heldText("open")}
      </button>
      <button type="button" onClick={props.onBack}>
        {ownedText("back")}
      </button>
    </div>
  );
}
