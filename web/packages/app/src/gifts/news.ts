// What becomes of gifts, as the host tells it: what waits for somebody's yes stays in sight, what has ended is said once.

import type { Calls } from "@manyworlds/protocol";
import { isHidden } from "../hidden.ts";
import * as state from "../state.ts";
import { thingName } from "../thing-names.ts";
import { giftText } from "./texts.ts";

export type Gift = Calls["travel.gifts"]["result"]["gifts"][number];
type Client = { call<M extends keyof Calls>(method: M, params: Calls[M]["params"]): Promise<Calls[M]["result"]> };

export const isMine = (gift: Gift): boolean => gift.from.visitor === state.visitor.value?.id;
export const wordsOf = (gift: Gift) => ({ thing: thingName(gift.thing), name: (isMine(gift) ? gift.to : gift.from).name });
export const isOpen = (gift: Gift): boolean => gift.state === "offered" || gift.state === "accepted";

/** `own`: this person's doing, which needs no words. */
export function told(gifts: readonly Gift[], own = false): void {
  const before = state.gifts.value;
  // Whoever is hidden offers in vain: nobody answers, and the offer ends.
  state.gifts.value = gifts.filter((gift) => isOpen(gift) && !isHidden(gift.from.visitor));
  for (const gift of gifts) {
    if (isOpen(gift) || !before.some((one) => one.id === gift.id) || own) continue;
    const side = isMine(gift) ? "from" : "to";
    state.notify(giftText(gift.state === "over" ? "over" : gift.state === "given" ? `given.${side}` : `declined.${side}`, wordsOf(gift)));
  }
}

async function call(client: Client, method: "travel.give" | "travel.accept" | "travel.decline", params: object): Promise<boolean> {
  try {
    told((await client.call(method, params as never)).gifts, true);
    return true;
  } catch (error) {
    state.problem(error);
    return false;
  }
}

export const give = (client: Client, asset: string, visitor: string) => call(client, "travel.give", { asset, visitor });
export const accept = (client: Client, gift: Gift) => call(client, "travel.accept", { gift: gift.id });
export const decline = (client: Client, gift: Gift) => call(client, "travel.decline", { gift: gift.id });
