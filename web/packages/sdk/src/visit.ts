// A visit to another host, the browser's side: the session key that is made for it, what that key signs on arrival, and the
// fragments in which challenge and credential travel through the address. The calls: schema/calls.md (`travel.*`); the
// documents and what each signature covers: schema/visit.md.
// Source: RFC 7638 with RFC 8037 (thumbprint); RFC 8785 (canonical JSON); Web Cryptography API, "Ed25519".

import { CallError, type Calls } from "@manyworlds/protocol";
import { fromBase64url, toBase64url } from "./account.ts";
import type { Client } from "./client.ts";

/** The canonical form of a JSON value. Numbers and strings of ECMAScript are canonical as JSON.stringify writes them. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  // The order of UTF-16 units, which is what `sort` compares.
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`).join(",")}}`;
}

const utf8 = (text: string) => new TextEncoder().encode(text);
const sha256 = async (text: string) => toBase64url(new Uint8Array(await crypto.subtle.digest("SHA-256", utf8(text))));

/** RFC 7638 thumbprint of a raw Ed25519 public key. */
export function thumbprint(publicKey: Uint8Array): Promise<string> {
  return sha256(`{"crv":"Ed25519","kty":"OKP","x":"${toBase64url(publicKey)}"}`);
}

/** What the session key signs on arrival. */
export async function arrivalText(audience: string, nonce: string, credential: unknown): Promise<string> {
  return `manyworlds arrival 1\n${audience}\n${nonce}\n${await sha256(canonicalJson(credential))}`;
}

/** A key for one visit. The private half never leaves the browser, and no script can read it. */
export interface SessionKey {
  /** base64url of the 32 bytes, as calls carry it. */
  publicKey: string;
  thumbprint: string;
  madeMs: number;
  key: CryptoKey;
}

/** Null where the browser knows no Ed25519, or keeps nothing: one goes as a guest then. */
export async function makeSessionKey(): Promise<SessionKey | null> {
  try {
    const pair = (await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"])) as CryptoKeyPair;
    const raw = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
    return { publicKey: toBase64url(raw), thumbprint: await thumbprint(raw), madeMs: Date.now(), key: pair.privateKey };
  } catch {
    return null;
  }
}

export async function signArrival(session: SessionKey, audience: string, nonce: string, credential: unknown): Promise<string> {
  const text = utf8(await arrivalText(audience, nonce, credential));
  return toBase64url(new Uint8Array(await crypto.subtle.sign("Ed25519", session.key, text)));
}

/** Keeps session keys while the browser is away at the person's home. */
export interface SessionKeys {
  put(session: SessionKey): Promise<void>;
  /** Gives the key of that thumbprint, once. */
  take(thumbprint: string): Promise<SessionKey | null>;
}

/** A challenge is answered within minutes; keys of visits that never came back go. */
const KEPT_MS = 15 * 60_000;

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("IndexedDB"));
  });
}

/** In IndexedDB, which keeps keys that no script can read. Rejects where the browser forbids it. */
export function storedSessionKeys(factory: IDBFactory, now: () => number = Date.now): SessionKeys {
  const open = async () => {
    const request = factory.open("manyworlds.visits", 1);
    request.onupgradeneeded = () => request.result.createObjectStore("keys", { keyPath: "thumbprint" });
    return done(request);
  };
  const use = async <T>(act: (keys: IDBObjectStore) => Promise<T>): Promise<T> => {
    const database = await open();
    try {
      return await act(database.transaction("keys", "readwrite").objectStore("keys"));
    } finally {
      database.close();
    }
  };
  return {
    put: (session) =>
      use(async (keys) => {
        for (const old of (await done(keys.getAll())) as SessionKey[]) if (now() - old.madeMs > KEPT_MS) keys.delete(old.thumbprint);
        await done(keys.put(session));
      }),
    take: (wanted) =>
      use(async (keys) => {
        const session = ((await done(keys.get(wanted))) as SessionKey | undefined) ?? null;
        if (session) await done(keys.delete(wanted));
        return session && now() - session.madeMs <= KEPT_MS ? session : null;
      }),
  };
}

/** A host as people read it: its name, with the port where it is not the usual one. */
export const AUTHORITY = /^(?=.{1,255}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*(:[1-9][0-9]{0,4})?$/;

/** The pages of a host. Plain HTTP only for names of this machine, which browsers take for safe. */
export function originOf(authority: string): string {
  const name = authority.replace(/:\d+$/, "");
  return `${name === "localhost" || name.endsWith(".localhost") ? "http" : "https"}://${authority}`;
}

/** What a page is told after the `#`; anything else there is somebody else's. All of it is a hint from outside. */
const INVITATION = /^[\w.-]{1,128}$/;

export interface VisitFragment {
  /** Authority of the person's home. */
  home?: string;
  /** Address that one left, to go back to: a world of a host. */
  from?: string;
  /** Token of an invitation: beside whom one would like to stand. */
  beside?: string;
  challenge?: unknown;
  /** The credential. */
  visit?: unknown;
  /** The home's people said no. */
  refused?: boolean;
}

/** The addresses of hosts' worlds alone: "https://b.example/w/plaza". Null for anything else. */
export function worldAddress(text: string): string | null {
  const match = /^https?:\/\/([^/?#]+)(\/(?:w\/[a-z0-9][a-z0-9_-]{0,63})?)$/.exec(text);
  if (!match?.[1] || !AUTHORITY.test(match[1])) return null;
  return originOf(match[1]) + match[2];
}

export function encodeJson(value: unknown): string {
  return toBase64url(utf8(JSON.stringify(value)));
}

function decodeJson(text: string | null): unknown {
  if (text === null || !/^[A-Za-z0-9_-]{1,65536}$/.test(text)) return undefined;
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(fromBase64url(text))) as unknown;
  } catch {
    return undefined;
  }
}

export function readVisitFragment(hash: string): VisitFragment {
  const values = new URLSearchParams(hash.replace(/^#/, ""));
  const home = values.get("home") ?? "";
  const from = worldAddress(values.get("from") ?? "");
  const beside = values.get("beside") ?? "";
  const [challenge, visit] = [decodeJson(values.get("challenge")), decodeJson(values.get("visit"))];
  return {
    ...(AUTHORITY.test(home) ? { home } : {}),
    ...(from ? { from } : {}),
    ...(INVITATION.test(beside) ? { beside } : {}),
    ...(challenge !== undefined ? { challenge } : {}),
    ...(visit !== undefined ? { visit } : {}),
    ...(values.has("refused") ? { refused: true } : {}),
  };
}

/** The address of a world elsewhere, for who goes there. */
export function visitAddress(world: string, hints: { home?: string; from?: string }): string {
  const url = new URL(world);
  const values = new URLSearchParams(url.hash.replace(/^#/, ""));
  if (hints.home) values.set("home", hints.home);
  if (hints.from) values.set("from", hints.from);
  url.hash = values.toString();
  return url.href;
}

type Arrived = Calls["travel.arrive"]["result"];

/** Where the browser goes to be told of: the person's home, with the challenge of this host. Null where the browser has no key to
 *  arrive by. Rejects with the host's reason when it takes nobody of that home, or cannot reach it. */
export async function beginVisit(at: { origin: string; home: string; world: string; path: string }, keys: SessionKeys, get: typeof fetch = fetch): Promise<string | null> {
  const session = await makeSessionKey();
  if (!session) return null;
  const params: Calls["travel.challenge"]["params"] = { home: at.home, session_key: session.publicKey, world: at.world, path: at.path };
  const response = await get(`${at.origin}/rpc`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "travel.challenge", params }),
  });
  const answer = (await response.json()) as { result?: Calls["travel.challenge"]["result"]; error?: { code: number; message: string; data?: unknown } };
  if (answer.error) throw new CallError(answer.error.code, answer.error.message, answer.error.data, "travel.challenge");
  // The challenge goes to the home that was named, whatever the answer says.
  if (!answer.result || answer.result.go !== `${originOf(at.home)}/visit`) return null;
  await keys.put(session);
  return `${answer.result.go}#challenge=${encodeJson(answer.result.challenge)}`;
}

/** Arrives as the person of this credential; the client comes back as that visitor. Null when this browser did not begin the visit,
 *  or so long ago that the key is gone. */
export async function arriveBy(client: Client, credential: unknown, keys: SessionKeys): Promise<Arrived | null> {
  const visit = (credential as { credentialSubject?: { visit?: { sessionKey?: unknown; audience?: unknown } } } | null)?.credentialSubject?.visit;
  if (typeof visit?.sessionKey !== "string" || typeof visit.audience !== "string") return null;
  const session = await keys.take(visit.sessionKey);
  if (!session) return null;
  const { nonce } = await client.call("travel.nonce", {});
  const signature = await signArrival(session, visit.audience, nonce, credential);
  const arrived = await client.call("travel.arrive", { credential: credential as Record<string, unknown>, session_key: session.publicKey, signature });
  client.returnAs(arrived.resume);
  return arrived;
}
