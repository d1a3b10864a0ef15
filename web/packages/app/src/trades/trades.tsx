// Trades on the table, a card each: exactly what goes and what comes, with the history of both, and what the two have said.

import type { Calls } from "@manyworlds/protocol";
import type { Client } from "@manyworlds/sdk";
import { render } from "preact";
import { lazy, Suspense } from "preact/compat";
import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { language } from "../i18n.ts";
import { custodyOf } from "../held/custody.ts";
import { History } from "../owned/history.tsx";
import * as state from "../state.ts";
import { thingName } from "../thing-names.ts";
import { session } from "../ui/context.ts";
import { Icon } from "../ui/icons.tsx";
import { focusView } from "../ui/parts.tsx";
import { agree, change, changed, decline, draft, offer, type Trade, trades } from "./news.ts";
import { tradeText } from "./texts.ts";
import "./trades.css";

const SignTrade = lazy(() => import("../held/trade.tsx"));

type Choice = Calls["title.trade.things"]["result"];
type Thing = Choice["gives"][number];
type Which = "gives" | "gets";

/** One side: the thing, large enough to be told apart, and a list of what could lie there instead. */
function Side(props: { client: Client; which: Which; thing: Thing | undefined; things: readonly Thing[]; onChoose: ((asset: string) => void) | null }) {
  const { which, thing } = props;
  const id = useId();
  // What has been put up and does not stand in this world is still on the table.
  const things = thing && !props.things.some((one) => one.asset === thing.asset) ? [thing, ...props.things] : props.things;
  return (
    <div class="side">
      <h3>{tradeText(which)}</h3>
      <div class="what">
        <span class="tile" style={thing?.thing.colour ? { color: thing.thing.colour } : {}}>
          <Icon name="build" />
        </span>
        <strong>{thing ? thingName(thing.thing) : tradeText("open")}</strong>
      </div>
      {props.onChoose && things.length > 0 && (
        <>
          <label class="hidden" for={id}>
            {tradeText(which === "gives" ? "gives.choose" : "gets.choose")}
          </label>
          <select id={id} value={thing?.asset ?? ""} onChange={(event) => props.onChoose?.(event.currentTarget.value)}>
            <option value="">{tradeText("open")}</option>
            {things.map((one) => (
              <option key={one.asset} value={one.asset}>
                {thingName(one.thing)}
              </option>
            ))}
          </select>
        </>
      )}
      {thing && (
        <>
          <p class="about">
            {thing.moved > 0 ? tradeText("moved", { n: thing.moved }) : tradeText("moved.never")} {custodyOf(thing, location.host)}
          </p>
          {thing.changed && <p class="about">{tradeText("thing.changed")}</p>}
          <History key={thing.asset} client={props.client} asset={thing.asset} />
        </>
      )}
    </div>
  );
}

const NOTHING: Choice = { gives: [], gets: [] };

/** What the two could trade; again when the trade is about other things by now. */
function useChoice(client: Client, visitor: string, about: string): Choice | null {
  const [choice, setChoice] = useState<Choice | null>(null);
  useEffect(() => {
    let there = true;
    client.call("title.trade.things", { visitor }).then(
      (now) => there && setChoice(now),
      (error: unknown) => {
        state.problem(error);
        if (there) setChoice(NOTHING);
      },
    );
    return () => {
      there = false;
    };
  }, [visitor, about]);
  return choice;
}

const found = (things: readonly Thing[] | undefined, asset: string): Thing | undefined => things?.find((one) => one.asset === asset);
const pairOf = (gives: string, gets: string) => ({ ...(gives ? { gives } : {}), ...(gets ? { gets } : {}) });

function Draft({ client }: { client: Client }) {
  const start = draft.value;
  const box = useRef<HTMLElement>(null);
  const visitor = start?.person.visitor ?? "";
  const choice = useChoice(client, visitor, "");
  const [gives, setGives] = useState(start?.gives ?? "");
  const [gets, setGets] = useState("");
  const [busy, setBusy] = useState(false);
  useLayoutEffect(() => {
    box.current?.focus();
    // The focus must not fall out of the page with the table.
    return () => {
      if (document.activeElement === document.body || box.current?.contains(document.activeElement)) focusView();
    };
  }, []);
  if (!start) return null;
  const words = { name: start.person.name };
  const stop = () => {
    draft.value = null;
  };
  const go = () => {
    setBusy(true);
    void offer(client, visitor, pairOf(gives, gets)).then((done) => (done ? stop() : setBusy(false)));
  };
  return (
    <section ref={box} class="trade" tabIndex={-1} onKeyDown={(event) => event.key === "Escape" && stop()} aria-label={tradeText("with", words)}>
      <h2>{tradeText("with", words)}</h2>
      {!choice && <p class="about">{tradeText("asking")}</p>}
      {choice && (
        <div class="sides">
          <Side client={client} which="gives" thing={found(choice.gives, gives)} things={choice.gives} onChoose={setGives} />
          <Side client={client} which="gets" thing={found(choice.gets, gets)} things={choice.gets} onChoose={setGets} />
        </div>
      )}
      {choice && choice.gives.length === 0 && <p class="about">{tradeText("nothing")}</p>}
      {choice && choice.gives.length > 0 && choice.gets.length === 0 && <p class="about">{tradeText("theirs", words)}</p>}
      <div class="answers">
        <button type="button" onClick={stop}>
          {tradeText("stop")}
        </button>
        <button type="button" class="primary" disabled={busy || (!gives && !gets)} onClick={go}>
          {tradeText("offer")}
        </button>
      </div>
    </section>
  );
}

function wordOf(trade: Trade): string {
  const words = { name: trade.with.name };
  if (trade.state === "recording") return tradeText("recording");
  if (changed.value.has(trade.id)) return tradeText("changed", words);
  if (trade.agrees) return tradeText("waiting", words);
  if (trade.they_agree) return tradeText("they_agree", words);
  if (!trade.gives || !trade.gets) return tradeText("half");
  return trade.begun ? "" : tradeText("offered", words);
}

function Card({ client, trade }: { client: Client; trade: Trade }) {
  const open = trade.state === "open";
  const gives = trade.gives?.asset ?? "";
  const gets = trade.gets?.asset ?? "";
  const choice = useChoice(client, trade.with.visitor, `${gives} ${gets}`);
  const word = wordOf(trade);
  const [signs, setSigns] = useState("");
  const about = `${trade.id} ${gives} ${gets}`;
  const choose = (which: Which) => (asset: string) => void change(client, trade, which === "gives" ? pairOf(asset, gets) : pairOf(gives, asset));
  return (
    <section class="trade" aria-label={tradeText("with", { name: trade.with.name })}>
      <h2>{tradeText("with", { name: trade.with.name })}</h2>
      <p class="word" role="status">
        {word}
      </p>
      <div class="sides">
        <Side client={client} which="gives" thing={trade.gives} things={choice?.gives ?? []} onChoose={open ? choose("gives") : null} />
        <Side client={client} which="gets" thing={trade.gets} things={choice?.gets ?? []} onChoose={open ? choose("gets") : null} />
      </div>
      <p class="about">{tradeText("text", { host: location.host })}</p>
      <div class="answers">
        <button type="button" disabled={!open} onClick={() => void decline(client, trade)}>
          {tradeText("end")}
        </button>
        <button type="button" class="primary" disabled={!open || !gives || !gets || trade.agrees || signs === about} onClick={() => (trade.gives?.custody === "holder" ? setSigns(about) : void agree(client, trade, gives, gets))}>
          {tradeText(trade.agrees ? "agreed" : "agree")}
        </button>
      </div>
      {signs === about && open && !trade.agrees && (
        <Suspense fallback={null}>
          <SignTrade
            key={about}
            client={client}
            trade={trade.id}
            gives={gives}
            gets={gets}
            agree={(signature) => agree(client, trade, gives, gets, signature)}
            onStop={() => setSigns("")}
          />
        </Suspense>
      )}
    </section>
  );
}

function Trades() {
  const client = session.value?.client;
  if (!client || state.phase.value.kind !== "in" || state.link.value.kind === "ended") return null;
  if (trades.value.length === 0 && !draft.value) return null;
  const about = draft.value;
  return (
    <aside class="trades" lang={language.value === "zh" ? "zh-CN" : "en"}>
      {about && <Draft key={about.person.visitor} client={client} />}
      {trades.value.map((trade) => (
        <Card key={trade.id} client={client} trade={trade} />
      ))}
    </aside>
  );
}

let shown = false;
/** Over the world and its panels; the page that loads first knows nothing of it. */
export function show(): void {
  if (shown) return;
  shown = true;
  const place = document.createElement("div");
  document.body.append(place);
  render(<Trades />, place);
}
