// The key of a person's things, where they hold it themselves: made here, wrapped here, opened here for one act. The home keeps the
// wrappings and cannot open them. Parameters and bytes: schema/titles.md, "A key that its owner holds".
// A wrapping is AES-256-GCM over the 32 bytes of the seed. Its key comes by HKDF-SHA-256 from the passkey's PRF output (WebAuthn
// Level 3, 10.1.4), or from the person's code by PBKDF2-HMAC-SHA-256 first.

import { fromBase64url, multikey, toBase64url } from "@manyworlds/sdk";

type Bytes = Uint8Array<ArrayBuffer>;
export interface Whose {
  host: string;
  person: string;
}
export interface Wrapping {
  passkey: string;
  wrapped: string;
}

const PBKDF2_ROUNDS = 600_000;
const BY_PASSKEY = 1;
const BY_CODE = 2;
const IV = 12;
const SALT = 16;
/** RFC 8410: what stands before the seed in PKCS #8. */
const PKCS8 = Uint8Array.from([0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20]);
const CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CODE_CHARS = 25;

const utf8 = (text: string): Bytes => new TextEncoder().encode(text) as Bytes;
const random = (size: number): Bytes => crypto.getRandomValues(new Uint8Array(size));
const joined = (...parts: Uint8Array[]): Bytes => Uint8Array.from(parts.flatMap((part) => [...part]));

/** The wrapping does not open: by another passkey, another code, or it was changed on the way. */
export class DoesNotOpen extends Error {}

/** What the passkey is asked: bound to the host, so that no other host's key comes of it. */
export async function prfSalt(host: string): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", utf8(`manyworlds title key prf 1\n${host}`)));
}

async function wrappingKey(secret: Bytes, kind: "passkey" | "code", host: string): Promise<CryptoKey> {
  const base = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveKey"]);
  const info = utf8(`manyworlds title key wrapping 1\n${kind}\n${host}`);
  return crypto.subtle.deriveKey({ name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info }, base, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

async function codeKey(code: string, salt: Bytes, host: string): Promise<CryptoKey> {
  const base = await crypto.subtle.importKey("raw", utf8(plainCode(code)), "PBKDF2", false, ["deriveBits"]);
  const bits = await crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt, iterations: PBKDF2_ROUNDS }, base, 256);
  return wrappingKey(new Uint8Array(bits), "code", host);
}

/** What a wrapping is of stands in it: one that was made for another key or person does not open. */
const about = (whose: Whose, publicKey: string): Bytes => utf8(`manyworlds title key 1\n${whose.host}\n${whose.person}\n${publicKey}`);

async function seal(key: CryptoKey, seed: Bytes, head: Bytes, about: Bytes): Promise<string> {
  const iv = random(IV);
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: about }, key, seed);
  return toBase64url(joined(head, iv, new Uint8Array(sealed)));
}

async function unseal(key: CryptoKey, bytes: Bytes, about: Bytes): Promise<Bytes> {
  try {
    return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv: bytes.slice(0, IV), additionalData: about }, key, bytes.slice(IV)));
  } catch {
    throw new DoesNotOpen();
  }
}

/** The key while it is open. Whoever opens it closes it: the seed is overwritten then. */
export class OpenKey {
  private constructor(
    private readonly seed: Bytes,
    private readonly key: CryptoKey,
    readonly publicKey: string,
  ) {}

  static async of(seed: Bytes): Promise<OpenKey> {
    const pkcs8 = joined(PKCS8, seed);
    const key = await crypto.subtle.importKey("pkcs8", pkcs8, "Ed25519", true, ["sign"]);
    const { x } = await crypto.subtle.exportKey("jwk", key);
    const locked = await crypto.subtle.importKey("pkcs8", pkcs8, "Ed25519", false, ["sign"]);
    pkcs8.fill(0);
    return new OpenKey(seed, locked, multikey(fromBase64url(x ?? "")));
  }
  static fresh(): Promise<OpenKey> {
    return OpenKey.of(random(32));
  }

  async sign(statement: string): Promise<string> {
    return toBase64url(new Uint8Array(await crypto.subtle.sign("Ed25519", this.key, utf8(statement))));
  }
  async wrapByPasskey(passkey: string, secret: Bytes, whose: Whose): Promise<Wrapping> {
    const key = await wrappingKey(secret, "passkey", whose.host);
    return { passkey, wrapped: await seal(key, this.seed, Uint8Array.of(BY_PASSKEY), about(whose, this.publicKey)) };
  }
  async wrapByCode(code: string, whose: Whose): Promise<Wrapping> {
    const salt = random(SALT);
    return { passkey: "", wrapped: await seal(await codeKey(code, salt, whose.host), this.seed, joined(Uint8Array.of(BY_CODE), salt), about(whose, this.publicKey)) };
  }
  close(): void {
    this.seed.fill(0);
  }
}

async function opened(seed: Bytes, publicKey: string): Promise<OpenKey> {
  const key = await OpenKey.of(seed);
  if (key.publicKey === publicKey) return key;
  key.close();
  throw new DoesNotOpen();
}

function bytesOf(wrapped: string, kind: number): Bytes {
  try {
    const bytes = fromBase64url(wrapped);
    if (bytes[0] === kind) return bytes.slice(1);
  } catch {
    // not even base64
  }
  throw new DoesNotOpen();
}

export async function openByPasskey(wrapping: Wrapping, secret: Bytes, whose: Whose, publicKey: string): Promise<OpenKey> {
  const bytes = bytesOf(wrapping.wrapped, BY_PASSKEY);
  return opened(await unseal(await wrappingKey(secret, "passkey", whose.host), bytes, about(whose, publicKey)), publicKey);
}

export async function openByCode(wrapping: Wrapping, code: string, whose: Whose, publicKey: string): Promise<OpenKey> {
  const bytes = bytesOf(wrapping.wrapped, BY_CODE);
  const key = await codeKey(code, bytes.slice(0, SALT), whose.host);
  return opened(await unseal(key, bytes.slice(SALT), about(whose, publicKey)), publicKey);
}

/** 125 bits, in five groups: typed and read to oneself, so case and separators do not count. */
export function makeCode(): string {
  const text = [...random(CODE_CHARS)].map((byte) => CODE_ALPHABET[byte % 32]).join("");
  return text.match(/.{5}/g)?.join("-") ?? text;
}

export function plainCode(text: string): string {
  const code = text.toUpperCase().replaceAll("O", "0").replaceAll(/[IL]/g, "1");
  return [...code].filter((character) => CODE_ALPHABET.includes(character)).join("");
}

/** What the key signs so that the home takes it, with these wrappings and for this person alone. */
export function proofStatement(whose: Whose, publicKey: string, wrappings: readonly Wrapping[]): string {
  const lines = wrappings.map(({ passkey, wrapped }) => (passkey ? `passkey ${passkey} ${wrapped}\n` : `code ${wrapped}\n`));
  return `manyworlds title key 1\nhost ${whose.host}\nperson ${whose.person}\nkey ${publicKey}\n${lines.join("")}`;
}

/** What a person keeps. Whoever has the file has the key. */
export interface KeyFile {
  manyworlds: "title-key-1";
  home: string;
  person: string;
  made: string;
  publicKey: string;
  code: string;
  wrapped: string;
}

/** Null for anything that is no such file. */
export function readKeyFile(text: string): KeyFile | null {
  try {
    const file = JSON.parse(text) as Partial<KeyFile>;
    const texts = [file.home, file.person, file.made, file.publicKey, file.code, file.wrapped];
    return file.manyworlds === "title-key-1" && texts.every((value) => typeof value === "string") ? (file as KeyFile) : null;
  } catch {
    return null;
  }
}

/** Asks one of these passkeys for its secret. `secret` is null where the authenticator makes none. Rejects when nobody wants to. */
export async function askPasskey(passkeys: readonly string[], host: string): Promise<{ passkey: string; secret: Bytes | null }> {
  const publicKey: PublicKeyCredentialRequestOptions = {
    challenge: random(32), // the home does not ask: what comes of it stays here
    allowCredentials: passkeys.map((id) => ({ type: "public-key", id: fromBase64url(id) })),
    userVerification: "required",
    extensions: { prf: { eval: { first: await prfSalt(host) } } },
  };
  const credential = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential;
  const first = credential.getClientExtensionResults().prf?.results?.first;
  return { passkey: toBase64url(new Uint8Array(credential.rawId)), secret: first ? new Uint8Array(first as ArrayBuffer) : null };
}
