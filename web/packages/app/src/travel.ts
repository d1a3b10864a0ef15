// Between hosts: which links are walked through, and the way back to where one came from.

import { originOf, readVisitFragment, visitAddress, worldAddress } from "@manyworlds/sdk";
import { windowStore } from "./settings.ts";
import * as state from "./state.ts";

/** Of this window alone: other windows came from elsewhere. */
const FROM_KEY = "manyworlds.from";

/** A link to a world of another host is walked through, in this window; any other link opens beside it. */
export function leadsToWorld(link: string): boolean {
  const url = URL.parse(link);
  return url !== null && url.origin === originOf(url.host) && /^\/w\/[a-z0-9][a-z0-9_-]{0,63}$/.test(url.pathname);
}

/** The address behind such a link, which tells the other page where its visitor came from, and nothing else. */
export function throughGate(link: string): string {
  const from = worldAddress(location.origin + location.pathname);
  // A page by a bare address has no name that others could lead back to.
  return visitAddress(link, from?.startsWith(`${location.origin}/`) ? { from } : {});
}

/** Reads where one came from, and leaves a plain address to be shared and kept. */
export function takeOrigin(): void {
  const { from } = readVisitFragment(location.hash);
  if (from) {
    if (!from.startsWith(`${location.origin}/`)) windowStore.set(FROM_KEY, from);
    history.replaceState(null, "", location.pathname + location.search);
  }
  state.cameFrom.value = worldAddress(windowStore.get(FROM_KEY) ?? "");
}
