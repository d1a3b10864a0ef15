// Between hosts: which links are walked through, arriving as oneself, and the way back to where one came from.

import { CallError, ErrorCode } from "@manyworlds/protocol";
import { arriveBy, beginVisit, originOf, readVisitFragment, storedSessionKeys, visitAddress, type Client, type VisitFragment, worldAddress } from "@manyworlds/sdk";
import { t } from "./i18n.ts";
import { store, windowStore } from "./settings.ts";
import * as state from "./state.ts";

/** Of this window alone: other windows came from elsewhere. */
const FROM_KEY = "manyworlds.from";

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
  const { from } = fragment;
  if (Object.keys(fragment).length > 0) {
    if (from && !from.startsWith(`${location.origin}/`)) windowStore.set(FROM_KEY, from);
    history.replaceState(null, "", location.pathname + location.search);
  }
  state.cameFrom.value = worldAddress(windowStore.get(FROM_KEY) ?? "");
  return fragment;
}

/** The other host's own words say more than ours could. */
function reasonOf(error: unknown): string {
  return error instanceof CallError && error.code !== ErrorCode.disconnected ? error.message : state.errorText(error);
}

/** Goes on to the person's home, to be told of to this host. False: stays, as a guest. */
export async function goHome(world: string | null): Promise<boolean> {
  const { home, visit, refused } = takeFragment();
  if (!home || !world || visit !== undefined || refused || home === location.host || window.parent !== window) return false;
  try {
    const go = await beginVisit({ origin: location.origin, home, world, path: location.pathname + location.search }, storedSessionKeys(indexedDB));
    if (go) location.replace(go);
    return go !== null;
  } catch (error) {
    state.notify(t("visit.as_guest", { reason: reasonOf(error) }), "problem", true);
    return false;
  }
}

/** The answer of the person's home, if the page was brought one. True: the client comes back as that person. */
export async function arriveAsTold(client: Client): Promise<boolean> {
  const told = takeFragment();
  const credential = told.visit;
  delete told.visit;
  if (credential === undefined) return false;
  try {
    const arrived = await arriveBy(client, credential, storedSessionKeys(indexedDB));
    if (arrived) {
      store.remove("manyworlds.name"); // the name of the guest that this browser was
      return true;
    }
    state.notify(t("visit.as_guest", { reason: t("visit.no_key") }), "problem", true);
  } catch (error) {
    state.notify(t("visit.as_guest", { reason: reasonOf(error) }), "problem", true);
  }
  return false;
}
