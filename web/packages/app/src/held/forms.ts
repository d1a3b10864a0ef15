// What is signed with a key that its owner holds. The home tells what is to be said, in fields; the statement is built here, line by
// line as schema/titles.md has it, from fields that were checked: a home that wants something else signed gets nothing.

import { canonicalJson, toBase64url } from "@manyworlds/sdk";

export interface Move {
  asset: string;
  sequence: number;
  previous: string;
  to: string;
}
export interface Lease {
  asset: string;
  previous: string;
  number: number;
  host: string;
  holder: string;
  from: number;
  until: number;
}
/** What a title is over, with the record that made it. */
export interface Made {
  asset: string;
  thing: unknown;
  creation: string;
}
export interface Look {
  name: string;
  model: string;
  scale: number;
  colour?: string;
}

/** What the home wants signed is not what was asked for. */
export class NotAsAsked extends Error {}

const HASH = /^[A-Za-z0-9_-]{43}$/;
const KEY = /^z6Mk[1-9A-HJ-NP-Za-km-z]{44}$/;
const LOG = /^[!-*,-~]{1,255}$/;
const HOST = /^did:web:[a-z0-9.-]{1,253}(%3A[1-9][0-9]{0,4})?$/;
const LEASE_S = 600;

function need(holds: boolean, what: string): void {
  if (!holds) throw new NotAsAsked(what);
}
const whole = (value: number, least: number) => Number.isSafeInteger(value) && value >= least;

function moveLines(move: Move): string {
  need(HASH.test(move.asset) && HASH.test(move.previous), "hash");
  need(whole(move.sequence, 1), "sequence");
  need(KEY.test(move.to), "to");
  return `asset ${move.asset}\nsequence ${move.sequence}\nprevious ${move.previous}\nto ${move.to}\n`;
}

function head(kind: string, log: string): string {
  need(LOG.test(log), "log");
  return `manyworlds title 1\n${kind}\nlog ${log}\n`;
}

export const transferStatement = (log: string, move: Move) => head("transfer", log) + moveLines(move);
export const rotateStatement = (log: string, move: Move) => head("rotate", log) + moveLines(move);
export const tradeStatement = (log: string, first: Move, second: Move) => head("trade", log) + moveLines(first) + moveLines(second);

export function leaseStatement(log: string, lease: Lease): string {
  need(HASH.test(lease.asset) && HASH.test(lease.previous), "hash");
  need(whole(lease.number, 1), "number");
  need(HOST.test(lease.host), "host");
  need(KEY.test(lease.holder), "holder");
  need(whole(lease.from, 0) && whole(lease.until, 0) && lease.until > lease.from && lease.until - lease.from <= LEASE_S, "until");
  return `${head("lease", log)}asset ${lease.asset}\nprevious ${lease.previous}\nnumber ${lease.number}\nhost ${lease.host}\nholder ${lease.holder}\nfrom ${lease.from}\nuntil ${lease.until}\n`;
}

const sha256 = async (text: string) => toBase64url(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))));

/** What this title is over, as it can be shown: the asset is the hash of the record that made it, which names the hash of the thing. */
export async function lookOf(log: string, asset: string, told: readonly Made[]): Promise<Look> {
  const made = told.find((one) => one.asset === asset);
  if (!made) throw new NotAsAsked("thing");
  const gap = made.creation.indexOf("\n\n");
  need(gap > 0, "creation");
  const statement = made.creation.slice(0, gap + 1);
  need((await sha256(statement)) === asset, "creation");
  const lines = statement.split("\n");
  need(lines[0] === "manyworlds title 1" && lines[1] === "create" && lines[2] === `log ${log}`, "creation");
  need(lines[3] === `content ${await sha256(canonicalJson(made.thing))}`, "content");
  const { name, model, scale, colour } = made.thing as Partial<Look>;
  need(typeof model === "string" && typeof scale === "number", "content");
  return { name: name ?? "", model: model ?? "", scale: scale ?? 1, ...(colour ? { colour } : {}) };
}

function only<T>(list: readonly T[]): T {
  need(list.length === 1, "moves");
  return list[0] as T;
}

/** A transfer of this thing and no other. */
export async function checkedGift(asset: string, form: { log: string; moves: readonly Move[]; things: readonly Made[] }) {
  const move = only(form.moves);
  need(move.asset === asset, "asset");
  return { statement: transferStatement(form.log, move), look: await lookOf(form.log, asset, form.things), to: move.to };
}

/** A trade of these two things, each going one way. `getsTo`: the key that the other's thing comes to. */
export async function checkedTrade(gives: string, gets: string, form: { log: string; moves: readonly Move[]; things: readonly Made[] }) {
  const [first, second] = form.moves;
  if (!first || !second || form.moves.length !== 2) throw new NotAsAsked("moves");
  const own = first.asset === gives ? first : second;
  const other = first.asset === gives ? second : first;
  need(own.asset === gives && other.asset === gets && gives !== gets, "asset");
  return {
    statement: tradeStatement(form.log, first, second),
    gives: await lookOf(form.log, gives, form.things),
    gets: await lookOf(form.log, gets, form.things),
    getsTo: other.to,
  };
}

/** A lease of this thing to this host, for ten minutes at most and from now. */
export async function checkedLease(asset: string, host: string, form: { log: string; lease: Lease; things: readonly Made[] }, nowMs = Date.now()) {
  const { lease } = form;
  need(lease.asset === asset, "asset");
  need(lease.host === host, "host");
  // One that makes a stay longer begins where that began; none goes on for longer than a lease from now. Clocks of browsers are wrong by minutes.
  need(lease.until * 1000 - nowMs < 3 * LEASE_S * 1000, "until");
  return { statement: leaseStatement(form.log, lease), look: await lookOf(form.log, asset, form.things), from_s: lease.from, until_s: lease.until };
}

/** Rotations of this many things to this key. */
export function checkedRotations(form: { log: string; moves: readonly Move[] }, to: string | null): { asset: string; statement: string }[] {
  return form.moves.map((move) => {
    need(to === null || move.to === to, "to");
    return { asset: move.asset, statement: rotateStatement(form.log, move) };
  });
}
