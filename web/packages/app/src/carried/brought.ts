// What one has brought from one's home: what has become of each thing, and what is in the hand.

import type { Calls, Notification } from "@manyworlds/protocol";
import { isNotification } from "@manyworlds/protocol";
import { told as toldOfGifts } from "../gifts/news.ts";
import { giftText } from "../gifts/texts.ts";
import * as state from "../state.ts";
import { thingName } from "../thing-names.ts";
import { carriedText } from "./texts.ts";

export type Brought = Calls["travel.carried"]["result"]["carried"][number];
type Client = { call<M extends keyof Calls>(method: M, params: Calls[M]["params"]): Promise<Calls[M]["result"]> };

function told(things: readonly Brought[]): void {
  const before = new Map(state.brought.value.map((thing) => [thing.asset, thing.state]));
  state.brought.value = things;
  for (const thing of things) {
    if (before.get(thing.asset) === thing.state) continue;
    const words = { thing: thingName(thing), reason: thing.why ?? "" };
    if (thing.state === "here" && !thing.in_hand) state.notify(carriedText("carried.here", words));
    else if (thing.state === "refused") state.notify(carriedText("carried.refused", words), "problem", true);
    else if (thing.state === "over") state.notify(carriedText("carried.over", words));
  }
}

async function trade(notification: Notification): Promise<void> {
  const [news, { show }] = await Promise.all([import("../trades/news.ts"), import("../trades/trades.tsx")]);
  news.onNotification(notification);
  show();
}

export function onNotification(notification: Notification): void {
  if (isNotification(notification, "travel.brought")) told(notification.params.carried);
  else if (isNotification(notification, "travel.gift")) toldOfGifts(notification.params.gifts);
  else if (isNotification(notification, "title.trade") || isNotification(notification, "title.final")) void trade(notification);
  else if (isNotification(notification, "title.given"))
    state.notify(giftText("given.here", { name: notification.params.from.name, thing: thingName(notification.params.thing) }), "info", true);
}

/** Whoever goes home takes their things along: their leases end with the step through the gate, not minutes later. */
function goesHome(client: Client): void {
  if (leaving) return;
  leaving = true;
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    const home = state.home.value;
    if (!link || link.target || home === null || URL.parse(link.href)?.host !== home || home === location.host) return;
    if (state.brought.value.length > 0) void client.call("travel.return", {}).catch(() => undefined);
  });
}
let leaving = false;

/** After coming here, or coming back. */
export async function askBrought(client: Client): Promise<void> {
  goesHome(client);
  void client.call("travel.gifts", {}).then(({ gifts }) => toldOfGifts(gifts), () => undefined);
  state.brought.value = (await client.call("travel.carried", {}).catch(() => ({ carried: [] }))).carried;
}

/** Into the hand; null puts away what is there. */
export async function take(client: Client, asset: string | null): Promise<void> {
  try {
    state.brought.value = (await client.call("travel.hand", asset === null ? {} : { asset })).carried;
  } catch (error) {
    state.problem(error);
  }
}
