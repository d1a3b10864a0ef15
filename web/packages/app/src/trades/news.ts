// What becomes of trades, as the host tells it: what is on the table stays in sight, what has ended is said once, and what is final too.

import type { Calls, Notification, Person } from "@manyworlds/protocol";
import { isNotification } from "@manyworlds/protocol";
import { signal } from "@preact/signals";
import { isHidden } from "../hidden.ts";
import * as state from "../state.ts";
import { thingName } from "../thing-names.ts";
import { tradeText } from "./texts.ts";

export type Trade = Calls["title.trade.list"]["result"]["trades"][number];
type Client = { call<M extends keyof Calls>(method: M, params: Calls[M]["params"]): Promise<Calls[M]["result"]> };
type Pair = { gives?: string; gets?: string };

/** On the table. */
export const trades = signal<readonly Trade[]>([]);
/** With whom one is about to begin a trade, and with what of one's own. */
export const draft = signal<{ person: Pick<Person, "visitor" | "name">; gives?: string } | null>(null);
/** Trades that the other has changed since one looked, by id. */
export const changed = signal<ReadonlySet<number>>(new Set());

/** Traded, and not final yet: the record's place in the log, and with whom. */
const recorded = new Map<number, string>();
const MOST_RECORDED = 32;

export const isOpen = (trade: Trade): boolean => trade.state === "open" || trade.state === "recording";
const pairOf = (trade: Trade): string => `${trade.gives?.asset ?? ""} ${trade.gets?.asset ?? ""}`;

function ended(trade: Trade): void {
  const name = trade.with.name;
  if (trade.state === "traded" && trade.gives && trade.gets) {
    const index = trade.index ?? 0;
    recorded.set(index, name);
    for (const first of recorded.keys()) if (recorded.size > MOST_RECORDED) recorded.delete(first);
    state.notify(tradeText("traded", { name, index, gives: thingName(trade.gives.thing), gets: thingName(trade.gets.thing) }), "info", true);
  } else if (trade.state === "declined") state.notify(tradeText("declined", { name }));
  else state.notify(tradeText("over", { name, reason: trade.why ?? "" }));
}

/** `own`: what this person has just done themselves. */
export function told(news: readonly Trade[], own = false): void {
  const before = new Map(trades.value.map((trade) => [trade.id, trade]));
  // Whoever is hidden offers in vain: nobody answers, and the trade ends.
  trades.value = news.filter((trade) => isOpen(trade) && !isHidden(trade.with.visitor));
  const marks = new Set([...changed.value].filter((id) => trades.value.some((trade) => trade.id === id)));
  for (const trade of news) {
    const known = before.get(trade.id);
    if (!known) continue;
    if (!isOpen(trade)) {
      if (!(own && trade.state === "declined")) ended(trade);
    } else if (own) marks.delete(trade.id);
    else if (pairOf(known) !== pairOf(trade)) marks.add(trade.id);
  }
  changed.value = marks;
}

export function onNotification(notification: Notification): void {
  if (isNotification(notification, "title.trade")) told(notification.params.trades);
  else if (isNotification(notification, "title.final")) {
    const name = recorded.get(notification.params.index);
    if (name === undefined) return;
    recorded.delete(notification.params.index);
    state.notify(tradeText("final", { name }));
  }
}

async function act(call: Promise<{ trades: readonly Trade[] }>): Promise<boolean> {
  try {
    told((await call).trades, true);
    return true;
  } catch (error) {
    state.problem(error);
    return false;
  }
}

export const offer = (client: Client, visitor: string, pair: Pair) => act(client.call("title.trade.offer", { visitor, ...pair }));
export const change = (client: Client, trade: Trade, pair: Pair) => act(client.call("title.trade.change", { trade: trade.id, ...pair }));
export const agree = (client: Client, trade: Trade, gives: string, gets: string, signature?: string) =>
  act(client.call("title.trade.agree", { trade: trade.id, gives, gets, ...(signature ? { signature } : {}) }));
export const decline = (client: Client, trade: Trade) => act(client.call("title.trade.decline", { trade: trade.id }));
