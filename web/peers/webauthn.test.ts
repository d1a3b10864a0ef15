// Passkeys and the people's identifiers: our verification of WebAuthn ceremonies against @simplewebauthn/server, on an
// authenticator in software with keys of every algorithm that is offered, good and spoilt; our did.jsonl against didwebvh-ts.
import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, sign as signBytes, verify as verifyBytes } from "node:crypto";
import { verifyAuthenticationResponse, verifyRegistrationResponse } from "@simplewebauthn/server";
import { AbstractCrypto, type DIDLog, resolveDIDFromLog } from "didwebvh-ts";
import { describe, expect, it } from "vitest";
import { ours } from "./ours.ts";

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- answers are JSON of many shapes
type Answer = any;
const ask = (request: object): Answer => JSON.parse(ours("federation", [JSON.stringify(request)])[0]!);
const sha256 = (data: Uint8Array) => createHash("sha256").update(data).digest();
const base64url = (data: Uint8Array) => Buffer.from(data).toString("base64url");

const head = (major: number, n: number) => (n < 24 ? Buffer.from([(major << 5) | n]) : n < 256 ? Buffer.from([(major << 5) | 24, n]) : Buffer.from([(major << 5) | 25, n >> 8, n & 255]));
const bytes = (data: Uint8Array) => Buffer.concat([head(2, data.length), data]);
const text = (value: string) => Buffer.concat([head(3, value.length), Buffer.from(value)]);
const integer = (n: number) => (n < 0 ? head(1, -1 - n) : head(0, n));
const map = (...items: [Buffer, Buffer][]) => Buffer.concat([head(5, items.length), ...items.flat()]);

interface Kind { name: string; pair: { publicKey: KeyObject; privateKey: KeyObject }; cose: Buffer; hash: string | null }
const jwkPart = (key: KeyObject, part: "x" | "y" | "n" | "e") => Buffer.from((key.export({ format: "jwk" }) as Record<string, string>)[part]!, "base64url");
const es256 = generateKeyPairSync("ec", { namedCurve: "P-256" });
const eddsa = generateKeyPairSync("ed25519");
const rs256 = generateKeyPairSync("rsa", { modulusLength: 2048 });
const kinds: Kind[] = [
  { name: "ES256", pair: es256, hash: "sha256", cose: map([integer(1), integer(2)], [integer(3), integer(-7)], [integer(-1), integer(1)], [integer(-2), bytes(jwkPart(es256.publicKey, "x"))], [integer(-3), bytes(jwkPart(es256.publicKey, "y"))]) },
  { name: "EdDSA", pair: eddsa, hash: null, cose: map([integer(1), integer(1)], [integer(3), integer(-8)], [integer(-1), integer(6)], [integer(-2), bytes(jwkPart(eddsa.publicKey, "x"))]) },
  { name: "RS256", pair: rs256, hash: "sha256", cose: map([integer(1), integer(3)], [integer(3), integer(-257)], [integer(-1), bytes(jwkPart(rs256.publicKey, "n"))], [integer(-2), bytes(jwkPart(rs256.publicKey, "e"))]) },
];

/** A ceremony as an authenticator and a browser would make it; each member may be spoilt. */
interface Ceremony { challenge: string; origin: string; rp: string; type?: string; flags: number; counter: number; spoilSignature?: boolean; crossKey?: boolean }
const expected = { challenge: base64url(Buffer.from("a challenge of 32 bytes, or so..")), origin: "https://a.example", rp: "a.example" };
const good: Ceremony = { ...expected, flags: 0x05, counter: 7 };
const id = Buffer.alloc(20, 9);
const clientData = (ceremony: Ceremony, type: string) => Buffer.from(JSON.stringify({ type: ceremony.type ?? type, challenge: ceremony.challenge, origin: ceremony.origin, crossOrigin: false }));
const counterBytes = (n: number) => Buffer.from([n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255]);

function create(kind: Kind, ceremony: Ceremony) {
  const data = Buffer.concat([sha256(Buffer.from(ceremony.rp)), Buffer.from([ceremony.flags | 0x40]), counterBytes(ceremony.counter), Buffer.alloc(16), Buffer.from([0, id.length]), id, kind.cose]);
  return { client_data: base64url(clientData(ceremony, "webauthn.create")), attestation: base64url(map([text("fmt"), text("none")], [text("attStmt"), map()], [text("authData"), bytes(data)])) };
}
function get(kind: Kind, ceremony: Ceremony) {
  const data = Buffer.concat([sha256(Buffer.from(ceremony.rp)), Buffer.from([ceremony.flags]), counterBytes(ceremony.counter)]);
  const client = clientData(ceremony, "webauthn.get");
  const signature = signBytes(kind.hash, Buffer.concat([data, sha256(client)]), kind.pair.privateKey);
  if (ceremony.spoilSignature) signature[signature.length - 3]! ^= 1;
  return { client_data: base64url(client), authenticator_data: base64url(data), signature: base64url(signature) };
}

async function theirRegistration(given: ReturnType<typeof create>): Promise<boolean> {
  const response = { id: base64url(id), rawId: base64url(id), type: "public-key" as const, clientExtensionResults: {}, response: { clientDataJSON: given.client_data, attestationObject: given.attestation } };
  return verifyRegistrationResponse({ response, expectedChallenge: expected.challenge, expectedOrigin: expected.origin, expectedRPID: expected.rp, requireUserVerification: true, supportedAlgorithmIDs: [-7, -8, -257] }).then((answer) => answer.verified, () => false);
}
async function theirLogin(kind: Kind, counter: number, given: ReturnType<typeof get>): Promise<boolean> {
  const response = { id: base64url(id), rawId: base64url(id), type: "public-key" as const, clientExtensionResults: {}, response: { clientDataJSON: given.client_data, authenticatorData: given.authenticator_data, signature: given.signature } };
  const credential = { id: base64url(id), publicKey: new Uint8Array(kind.cose), counter };
  return verifyAuthenticationResponse({ response, expectedChallenge: expected.challenge, expectedOrigin: expected.origin, expectedRPID: expected.rp, requireUserVerification: true, credential }).then((answer) => answer.verified, () => false);
}

const spoilt: [string, Partial<Ceremony>][] = [
  ["another challenge", { challenge: base64url(Buffer.from("another")) }],
  ["another origin", { origin: "https://b.example" }],
  ["another port", { origin: "https://a.example:8443" }],
  ["another name", { rp: "example" }],
  ["nobody present", { flags: 0x04 }],
  ["nobody verified", { flags: 0x01 }],
  ["the other ceremony", { type: "payment.get" }],
];

describe.each(kinds)("passkeys of $name, against @simplewebauthn/server", (kind) => {
  const register = (given: object) => ask({ op: "register", ...expected, ...given });
  const login = (passkey: object, given: object) => ask({ op: "login", ...expected, passkey, ...given });

  it("both accept what is good, and read the same", async () => {
    const given = create(kind, good);
    const mine = register(given);
    expect(mine.error).toBeUndefined();
    expect(mine).toMatchObject({ id: base64url(id), counter: 7 });
    expect(await theirRegistration(given)).toBe(true);
    const later = get(kind, { ...good, counter: 8 });
    expect(login(mine, later)).toEqual({ counter: 8 });
    expect(await theirLogin(kind, 7, later)).toBe(true);
    const uncounted = get(kind, { ...good, counter: 0 });
    expect(login({ ...mine, counter: 0 }, uncounted)).toEqual({ counter: 0 });
    expect(await theirLogin(kind, 0, uncounted)).toBe(true);
  });

  it.each(spoilt)("both refuse %s", async (_, change) => {
    const passkey = register(create(kind, good));
    const made = create(kind, { ...good, ...change });
    expect(register(made).error).toBeTruthy();
    expect(await theirRegistration(made)).toBe(false);
    const got = get(kind, { ...good, counter: 8, ...change });
    expect(login(passkey, got).error).toBeTruthy();
    expect(await theirLogin(kind, 7, got)).toBe(false);
  });

  it("both refuse a counter that does not grow, and a signature that is another", async () => {
    const passkey = register(create(kind, good));
    for (const change of [{ counter: 7 }, { counter: 3 }, { counter: 9, spoilSignature: true }]) {
      const got = get(kind, { ...good, ...change });
      expect(login(passkey, got).error).toBeTruthy();
      expect(await theirLogin(kind, 7, got)).toBe(false);
    }
  });
});

class Verifier extends AbstractCrypto {
  constructor() {
    super({ verificationMethod: { type: "Multikey", publicKeyMultibase: "" } });
  }
  async sign(): Promise<never> {
    throw new Error("it only reads");
  }
  async verify(signature: Uint8Array, message: Uint8Array, key: Uint8Array) {
    const publicKey = createPublicKey({ key: Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), key]), format: "der", type: "spki" });
    return verifyBytes(null, message, publicKey, signature);
  }
}
const verifier = new Verifier();

describe("the identifiers of people at home, against didwebvh-ts", () => {
  it.each([0, 1, 3])("it resolves one that was recovered %i times", async (recoveries) => {
    const now = Date.UTC(2026, 5, 1);
    const person = ask({ op: "person", home: "https://a.example:8443", now, recoveries });
    expect(person.error).toBeUndefined();
    const log = person.lines.trim().split("\n").map((line: string) => JSON.parse(line)) as DIDLog;
    expect(log).toHaveLength(recoveries + 1);
    const resolved = await resolveDIDFromLog(log, { verifier });
    expect(resolved.did).toBe(person.did);
    expect(resolved.meta.portable).toBe(true);
    expect(resolved.meta.versionId).toBe(log.at(-1)!.versionId);
    // Whoever has not the recovery file has no next version: the first key was thrown away.
    const forged = structuredClone(log);
    (forged.at(-1)!.state as { service: { serviceEndpoint: string }[] }).service[0]!.serviceEndpoint = "https://evil.example/";
    const refused = await resolveDIDFromLog(forged, { verifier }).then((answer) => answer.meta.error ?? answer.meta.versionId, (error: Error) => error.message);
    expect(refused).not.toBe(log.at(-1)!.versionId);
  });
});
