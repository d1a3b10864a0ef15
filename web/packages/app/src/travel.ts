// Between hosts: which links are walked through, and the way back to where one came from. Arriving as oneself: arrive.ts.

import { originOf, readVisitFragment, visitAddress, type VisitFragment, worldAddress } from "@manyworlds/sdk";
import { windowStore } from "./settings.ts";
import * as state from "./state.ts";

/** Of this window alone: other windows came from elsewhere. */
const FROM_KEY = "manyworlds.from";

/** Whom an invitation leads to. It outlives the way over one's home and back. */
const BESIDE_KEY = "manyworlds.beside";

/** A link to a world of another host is walked through, in this window; any other link opens beside it. */
export function leadsToWorld(link: string): boolean {
  const url = URL.parse(link);
  return url !== null && url.origin === originOf(url.host) && /^\/w\/[a-z0-9][a-z0-9_-]{0,63}$/.test(url.pathname);
}

/** The address behind such a link, which tells the other page where its visitor came from, where their home is if they have one,
 *  and nothing else. */
export function throughGate(link: string): string {
  const from = worldAddress(location.origin + location.pathname);
  const home = state.home.value;
  // A page by a bare address has no name that others could lead back to.
  const told = from?.startsWith(`${location.origin}/`) ? { from } : {};
  return visitAddress(link, home && home !== URL.parse(link)?.host ? { ...told, home } : told);
}

let fragment: VisitFragment | null = null;

/** Reads what the page was told after the `#`, once, and leaves a plain address to be shared and kept. */
export function takeFragment(): VisitFragment {
  if (fragment) return fragment;
  fragment = readVisitFragment(location.hash);
  const { from, beside } = fragment;
  if (beside) windowStore.set(BESIDE_KEY, `${location.pathname} ${beside}`);
  if (Object.keys(fragment).length > 0) {
    if (from && !from.startsWith(`${location.origin}/`)) windowStore.set(FROM_KEY, from);
    history.replaceState(null, "", location.pathname + location.search);
  }
  state.cameFrom.value = worldAddress(windowStore.get(FROM_KEY) ?? "");
  return fragment;
}

let invitation: string | undefined;

/** The invitation that led to this very page, once. */
export function takeBeside(): string | undefined {
  takeFragment();
  const [path, beside] = windowStore.get(BESIDE_KEY)?.split(" ") ?? [];
  windowStore.remove(BESIDE_KEY);
  invitation = path === location.pathname ? beside : undefined;
  return invitation;
}

/** The same, for who goes on from here to come back as somebody else. */
export const followed = (): string | undefined => invitation;
