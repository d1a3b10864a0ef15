// What somebody owns, inside the account's panel: where each thing is, the way to call it home, and its history with the proofs.

import { CallError, type Calls, ErrorCode, isNotification } from "@manyworlds/protocol";
import type { Client } from "@manyworlds/sdk";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { language } from "../i18n.ts";
import * as state from "../state.ts";
import { thingName } from "../thing-names.ts";
import { giftText } from "../gifts/texts.ts";
import { hostOf } from "../visit/things.tsx";
import { Giving } from "./giving.tsx";
import { type OwnedKey, ownedText } from "./texts.ts";
import "./owned.css";

type Thing = Calls["title.mine"]["result"]["things"][number];
type Shown = Calls["title.show"]["result"];

const timeOf = (seconds: number) =>
  new Intl.DateTimeFormat(language.value === "zh" ? "zh-CN" : "en", { hour: "2-digit", minute: "2-digit" }).format(new Date(seconds * 1000));

/** Home waits for as long as two clocks may differ before it shows a thing again. */
const SKEW_MS = 5_000;
const isOver = (away: { until_s: number }) => away.until_s * 1000 <= Date.now();

function History(props: { client: Client; asset: string }) {
  const [shown, setShown] = useState<Shown | null>(null);
  const [error, setError] = useState("");
  const load = () => {
    if (shown) return;
    props.client.call("title.show", { asset: props.asset }).then(setShown, (reason: unknown) => {
      const later = reason instanceof CallError && reason.code === ErrorCode.unavailable;
      setError(later ? ownedText("history.later") : state.errorText(reason));
    });
  };
  return (
    <details onToggle={(event) => event.currentTarget.open && load()}>
      <summary>{ownedText("history")}</summary>
      {error && <p class="about">{error}</p>}
      <ol class="history">
        {shown?.history.map((step) => (
          <li key={step.index}>
            <span>{ownedText(`history.${step.kind}` as OwnedKey)}</span>
            <code class="long">{step.owner}</code>
            <span class="source">{ownedText("history.step", { index: step.index, proof: step.inclusion.length })}</span>
          </li>
        ))}
      </ol>
      {shown && <p class="about">{ownedText("history.proof")}</p>}
    </details>
  );
}

function Row(props: { client: Client; thing: Thing; onThings: (things: readonly Thing[]) => void; onProblem: (error: unknown) => void }) {
  const { client, thing } = props;
  const [busy, setBusy] = useState(false);
  const [giving, setGiving] = useState(false);
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
          {thing.log_host && <span class="source">{ownedText("elsewhere", { host: thing.log_host })}</span>}
        </span>
        {away && (
          <button type="button" disabled={busy} aria-label={ownedText("recall.label", { thing: thingName(thing) })} onClick={recall}>
            {ownedText("recall")}
          </button>
        )}
        {!thing.away && (
          <button type="button" aria-expanded={giving} aria-label={giftText("give.label", { thing: thingName(thing) })} onClick={() => setGiving(!giving)}>
            {giftText("give")}
          </button>
        )}
      </div>
      {giving && <Giving client={client} thing={thing} onGiven={() => void refresh()} onDone={() => setGiving(false)} onProblem={props.onProblem} />}
      {!thing.log_host && <History client={client} asset={thing.asset} />}
    </li>
  );
}

export function OwnedThings(props: { client: Client; onBack: () => void }) {
  const { client } = props;
  const heading = useRef<HTMLHeadingElement>(null);
  const [things, setThings] = useState<readonly Thing[] | null>(null);
  const [error, setError] = useState("");
  const fail = (reason: unknown) => setError(state.errorText(reason));
  // The button that led here is gone, and keys would go to the world.
  useLayoutEffect(() => heading.current?.focus(), []);
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
      <button type="button" onClick={props.onBack}>
        {ownedText("back")}
      </button>
    </div>
  );
}
