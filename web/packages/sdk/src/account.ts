// Being at home on a host: passkeys (WebAuthn), the recovery file, further devices. Needs a browser with passkeys, on a page of the
// host's own name. What the calls mean: schema/calls.md; how the pieces fit: src/federation/README.md of the host.

import type { Account } from "@manyworlds/protocol";
import type { Client } from "./client.ts";

type Bytes = Uint8Array<ArrayBuffer>;

export function toBase64url(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

export function fromBase64url(text: string): Bytes {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (character) => character.charCodeAt(0));
}

const BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/** An Ed25519 public key as did:key and Multikey write it: "z6Mk...". */
export function multikey(publicKey: Uint8Array): string {
  let number = 0n;
  for (const byte of [0xed, 0x01, ...publicKey]) number = number * 256n + BigInt(byte);
  let text = "";
  for (; number > 0n; number /= 58n) text = BASE58[Number(number % 58n)] + text;
  return `z${text}`;
}

/** What a person keeps. `key` is a private Ed25519 key (PKCS #8, base64url): whoever has the file can take the account. */
export interface RecoveryFile {
  manyworlds: "recovery-1";
  home: string;
  name: string;
  made: string;
  publicKey: string;
  key: string;
}

/** A fresh key in a file that was not shown to anybody yet. */
export async function makeRecoveryFile(home: string, name: string): Promise<RecoveryFile> {
  const pair = (await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"])) as CryptoKeyPair;
  const publicKey = multikey(new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey)));
  const key = toBase64url(new Uint8Array(await crypto.subtle.exportKey("pkcs8", pair.privateKey)));
  return { manyworlds: "recovery-1", home, name, made: new Date().toISOString().slice(0, 10), publicKey, key };
}

/** Null for anything that is no recovery file. */
export function readRecoveryFile(text: string): RecoveryFile | null {
  try {
    const file = JSON.parse(text) as Partial<RecoveryFile>;
    const texts = [file.home, file.name, file.made, file.publicKey, file.key];
    return file.manyworlds === "recovery-1" && texts.every((value) => typeof value === "string") ? (file as RecoveryFile) : null;
  } catch {
    return null;
  }
}

export function passkeysWork(): boolean {
  return globalThis.isSecureContext === true && typeof PublicKeyCredential === "function" && typeof navigator?.credentials?.create === "function";
}

/** The JSON forms of WebAuthn 5.1.8 and 5.1.9, as the host gives them. */
interface KnownCredential {
  id: string;
}
interface CreationOptions {
  challenge: string;
  user: { id: string; name: string; displayName: string };
  excludeCredentials: KnownCredential[];
}
interface RequestOptions {
  challenge: string;
}

const known = ({ id }: KnownCredential) => ({ type: "public-key" as const, id: fromBase64url(id) });

/** Registers a passkey: a new account's first with `recovery`, one of the account behind a `code`, or a further one. */
export async function register(client: Client, options: { recovery?: RecoveryFile; code?: string; label?: string }): Promise<Account> {
  const asked = await client.call("account.register.begin", { recovery_key: options.recovery?.publicKey, code: options.code });
  const given = asked.options as unknown as CreationOptions;
  const publicKey = {
    ...given,
    challenge: fromBase64url(given.challenge),
    user: { ...given.user, id: fromBase64url(given.user.id) },
    excludeCredentials: given.excludeCredentials.map(known),
  } as unknown as PublicKeyCredentialCreationOptions;
  const credential = (await navigator.credentials.create({ publicKey })) as PublicKeyCredential;
  const response = credential.response as AuthenticatorAttestationResponse;
  const answer = await client.call("account.register.finish", {
    client_data: toBase64url(new Uint8Array(response.clientDataJSON)),
    attestation: toBase64url(new Uint8Array(response.attestationObject)),
    ...(options.label ? { label: options.label } : {}),
  });
  if (options.code) client.returnAs(answer.resume);
  else client.keep(answer.resume);
  return answer.account;
}

/** Lets the person choose a passkey of this host, and comes back as its visitor. */
export async function logIn(client: Client): Promise<Account> {
  const asked = await client.call("account.login.begin", {});
  const given = asked.options as unknown as RequestOptions;
  const publicKey = { ...given, challenge: fromBase64url(given.challenge), allowCredentials: [] } as unknown as PublicKeyCredentialRequestOptions;
  const credential = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential;
  const response = credential.response as AuthenticatorAssertionResponse;
  const answer = await client.call("account.login.finish", {
    id: toBase64url(new Uint8Array(credential.rawId)),
    client_data: toBase64url(new Uint8Array(response.clientDataJSON)),
    authenticator_data: toBase64url(new Uint8Array(response.authenticatorData)),
    signature: toBase64url(new Uint8Array(response.signature)),
  });
  client.returnAs(answer.resume);
  return answer.account;
}

/** Takes the account back by its file. `next` is the file that counts from then on: it must be kept before. */
export async function recover(client: Client, file: RecoveryFile, next: RecoveryFile): Promise<Account> {
  const key = await crypto.subtle.importKey("pkcs8", fromBase64url(file.key), "Ed25519", false, ["sign"]);
  const asked = await client.call("account.recover.begin", { key: file.publicKey, next_key: next.publicKey });
  const signature = new Uint8Array(await crypto.subtle.sign("Ed25519", key, fromBase64url(asked.message)));
  const answer = await client.call("account.recover.finish", { challenge: asked.challenge, signature: toBase64url(signature) });
  client.returnAs(answer.resume);
  return answer.account;
}
