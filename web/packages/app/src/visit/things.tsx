// Which of one's things come along on a visit.

import type { Calls } from "@manyworlds/protocol";
import { carriedText } from "../carried/texts.ts";
import { custodyOf } from "../held/custody.ts";
import { heldText } from "../held/texts.ts";
import { t } from "../i18n.ts";
import { ownedText } from "../owned/texts.ts";
import { store } from "../settings.ts";

type Asked = Calls["travel.asked"]["result"];
export type Belonging = Asked["told"]["carried"][number];
export type LeftBehind = Calls["travel.answer"]["result"]["left_behind"][number];

const CARRY_KEY = "manyworlds.carry";

export const nameOf = (thing: Belonging): string => thing.name || thing.model || t("carried.thing");


function kept(): Record<string, string[]> {
  try {
    const value: unknown = JSON.parse(store.get(CARRY_KEY) ?? "{}");
    return typeof value === "object" && value !== null ? (value as Record<string, string[]>) : {};
  } catch {
    return {};
  }
}

/** What came along to this host the last time, of what may. */
export function chosenBefore(asked: Asked): string[] {
  const before = kept()[asked.destination.host];
  if (!Array.isArray(before)) return [];
  return asked.told.carried.filter((thing) => before.includes(thing.asset) && thing.may_come && (!thing.away || thing.away.host === asked.destination.did)).map((thing) => thing.asset).slice(0, asked.carry_most);
}

export function keepChoice(host: string, assets: readonly string[]): void {
  store.set(CARRY_KEY, JSON.stringify({ ...kept(), [host]: assets }));
}

export function Things(props: { asked: Asked; chosen: readonly string[]; onChoose: (assets: string[]) => void }) {
  const { asked, chosen } = props;
  const things = asked.told.carried;
  if (things.length === 0) return null;
  const full = chosen.length >= asked.carry_most;
  return (
    <fieldset class="things">
      <legend>{carriedText("visit.things")}</legend>
      {things.map((thing) => {
        const has = chosen.includes(thing.asset);
        // Away at the destination it may stay there longer; from elsewhere it is called back first.
        const elsewhere = thing.away && thing.away.host !== asked.destination.did ? hostOf(thing.away.host) : "";
        // A lease that its owner signs begins now, and a thing that is called back takes a while.
        const first = elsewhere !== "" && thing.custody === "holder";
        const may = thing.may_come && !first;
        const why = thing.why ?? (elsewhere && (first ? heldText("lease.away", { host: elsewhere }) : carriedText("visit.things.away", { host: elsewhere })));
        return (
          <label key={thing.asset} class="check">
            <input
              type="checkbox"
              checked={has}
              disabled={!may || (full && !has)}
              onChange={(event) => props.onChoose(event.currentTarget.checked ? [...chosen, thing.asset] : chosen.filter((asset) => asset !== thing.asset))}
            />
            <span>
              {nameOf(thing)}
              {why && <small> {why}</small>}
              {thing.changed && <small> {ownedText("changed")}</small>}
              <small> {custodyOf(thing, location.host)}</small>
            </span>
          </label>
        );
      })}
      <p class="about">{carriedText("visit.things.text", { n: asked.carry_most })}</p>
    </fieldset>
  );
}

/** What could not come, before one goes on without it. */
export function Left(props: { left: readonly LeftBehind[]; names: ReadonlyMap<string, string>; onGo: () => void }) {
  return (
    <>
      <h1>{carriedText("visit.left")}</h1>
      <ul>
        {props.left.map((thing) => (
          <li key={thing.asset}>
            {props.names.get(thing.asset) ?? t("carried.thing")}: {thing.why}
          </li>
        ))}
      </ul>
      <div class="actions">
        <button type="button" class="primary" onClick={props.onGo}>
          {carriedText("visit.left.go")}
        </button>
      </div>
    </>
  );
}

/** "b.example:8443" of "did:web:b.example%3A8443". */
export function hostOf(did: string): string {
  return did.replace(/^did:web:/, "").replace("%3A", ":");
}
