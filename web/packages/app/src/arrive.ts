// To another host as oneself: over one's home and back, with what it tells. Loaded where a link speaks of a home.

import { CallError, ErrorCode } from "@manyworlds/protocol";
import { arriveBy, beginVisit, type Client, storedSessionKeys } from "@manyworlds/sdk";
import { t } from "./i18n.ts";
import { store } from "./settings.ts";
import * as state from "./state.ts";
import { takeFragment } from "./travel.ts";

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
