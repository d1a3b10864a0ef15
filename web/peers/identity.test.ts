// Our identifiers and signatures against didwebvh-ts and @fedify/fedify, both ways.
import { createPrivateKey, createPublicKey, sign as signBytes, verify as verifyBytes } from "node:crypto";
import { Temporal } from "@js-temporal/polyfill";
import { verifyProof } from "@fedify/fedify/sig";
import { DataIntegrityProof, Multikey } from "@fedify/fedify/vocab";
import { AbstractCrypto, createDID, deactivateDID, deriveNextKeyHash, type DIDLog, multibaseDecode, prepareDataForSigning, resolveDIDFromLog, updateDID, type WitnessProofFileEntry } from "didwebvh-ts";
import { multibaseEncode, MultibaseEncoding, type SigningInput } from "didwebvh-ts";
import { describe, expect, it } from "vitest";
import { ours } from "./ours.ts";

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- answers are JSON of many shapes
type Answer = any;
const ask = (request: object): Answer => JSON.parse(ours("identity", [JSON.stringify(request)])[0]!);
const now = Date.UTC(2026, 5, 1);

/** Key n of `identity_peer.cpp`: a seed of 32 bytes of n. */
const privateKey = (n: number) =>
  createPrivateKey({ key: Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), Buffer.alloc(32, n)]), format: "der", type: "pkcs8" });
const publicKey = (bytes: Uint8Array) =>
  createPublicKey({ key: Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), bytes]), format: "der", type: "spki" });
const keyNames = (n: number): { multikey: string; method: string; hash: string } => ask({ op: "key", signer: n });

class NodeCrypto extends AbstractCrypto {
  constructor(private readonly number: number) {
    super({ verificationMethod: { type: "Multikey", publicKeyMultibase: keyNames(number).multikey } });
  }
  async sign(input: SigningInput) {
    const data = await prepareDataForSigning(input.document, input.proof);
    return { proofValue: multibaseEncode(signBytes(null, data, privateKey(this.number)), MultibaseEncoding.BASE58_BTC) };
  }
  async verify(signature: Uint8Array, message: Uint8Array, key: Uint8Array) {
    return verifyBytes(null, message, publicKey(key), signature);
  }
}
const verifier = new NodeCrypto(1);
const parse = (lines: string): DIDLog => lines.trim().split("\n").map((line) => JSON.parse(line));
const document = { "@context": ["https://www.w3.org/ns/did/v1"], service: [{ id: "#home", type: "ManyworldsHome", serviceEndpoint: "did:web:home.example" }] };

describe("did:webvh, against didwebvh-ts", () => {
  it("derives the same commitment to a key", async () => {
    expect(await deriveNextKeyHash(keyNames(7).multikey)).toBe(keyNames(7).hash);
  });

  it("our history is resolved: created portable, rotated, moved, deactivated", async () => {
    const first = ask({ op: "webvh.create", host: "home.example", path: ["people", "ada"], document, updateKeys: [1], nextKeys: [2], portable: true, signer: 1, now });
    expect(first.error).toBeUndefined();
    let lines: string = first.line;
    let resolved = await resolveDIDFromLog(parse(lines), { verifier });
    expect(resolved.did).toBe(first.did);
    expect(resolved.meta).toMatchObject({ versionId: first.versionId, portable: true, prerotation: true });
    expect(resolved.doc.service).toEqual(expect.arrayContaining(document.service)); // it adds services that the method implies

    const moved = first.did.replace("home.example", "new.example");
    const second = ask({ op: "webvh.update", lines, did: first.did, document: { ...document, id: moved, alsoKnownAs: [first.did] }, updateKeys: [2], nextKeys: [3], signer: 2, now: now + 60_000 });
    expect(second.error).toBeUndefined();
    lines += second.line;
    resolved = await resolveDIDFromLog(parse(lines), { verifier });
    expect(resolved.did).toBe(moved);

    const third = ask({ op: "webvh.update", lines, did: moved, updateKeys: [3], nextKeys: [], signer: 3, now: now + 120_000 });
    lines += third.line;
    const fourth = ask({ op: "webvh.update", lines, did: moved, updateKeys: [], deactivate: true, signer: 3, now: now + 180_000 });
    expect(fourth.error).toBeUndefined();
    lines += fourth.line;
    resolved = await resolveDIDFromLog(parse(lines), { verifier });
    expect(resolved.meta).toMatchObject({ versionId: fourth.versionId, deactivated: true });

    // And it refuses the same history with one byte changed, so that agreement means something.
    const changed = parse(lines);
    changed[1]!.state.alsoKnownAs = ["did:web:other.example"];
    const broken = await resolveDIDFromLog(changed, { verifier }).then((r) => r.meta.error ?? r.meta.versionId, (e: Error) => e.message);
    expect(broken).not.toBe(fourth.versionId);
  });

  it("our history with witnesses is resolved", async () => {
    const made = ask({ op: "webvh.create", host: "home.example", path: [], document, updateKeys: [1], nextKeys: [], witnesses: [11, 12, 13], threshold: 2, signer: 1, now });
    const approve = (signer: number) => ask({ op: "webvh.witness", versionId: made.versionId, signer, now }) as WitnessProofFileEntry;
    const one = approve(11), two = approve(13);
    const witnessProofs = [{ versionId: made.versionId, proof: [...one.proof, ...two.proof] }];
    const resolved = await resolveDIDFromLog(parse(made.line), { verifier, witnessProofs });
    expect(resolved.did).toBe(made.did);
    expect(ask({ op: "webvh.read", lines: made.line, did: made.did, witnessFile: JSON.stringify(witnessProofs), now: now + 1000 }).did).toBe(made.did);
    const few = ask({ op: "webvh.read", lines: made.line, did: made.did, witnessFile: JSON.stringify([one]), now: now + 1000 });
    expect(few.error).toContain("2 witnesses");
  });

  it("we resolve theirs: created, rotated, deactivated", async () => {
    const signer = (n: number) => new NodeCrypto(n);
    const created = await createDID({ domain: "peer.example", paths: ["people", "bob"], signer: signer(21), verifier, updateKeys: [keyNames(21).multikey], nextKeyHashes: [keyNames(22).hash], portable: true,
      verificationMethods: [{ type: "Multikey", publicKeyMultibase: keyNames(21).multikey, purpose: "assertionMethod" }] });
    const later = Date.now() + 3_600_000;
    const jsonl = (log: DIDLog) => `${log.map((entry) => JSON.stringify(entry)).join("\n")}\n`;
    expect(ask({ op: "webvh.read", lines: jsonl(created.log), did: created.did, now: later })).toMatchObject({ did: created.did, versions: 1, document: JSON.parse(JSON.stringify(created.doc)) });
    const after = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString().replace(/\.\d+/, "");
    const updated = await updateDID({ log: created.log, signer: signer(22), verifier, updateKeys: [keyNames(22).multikey], nextKeyHashes: [], updated: after(2) });
    expect(ask({ op: "webvh.read", lines: jsonl(updated.log), did: created.did, now: later })).toMatchObject({ versions: 2, updateKeys: [keyNames(22).multikey] });
    // The library checks that times go up and have come, so the last step waits for the clock.
    await new Promise((done) => setTimeout(done, 3_200));
    const ended = await deactivateDID({ log: updated.log, signer: signer(22), verifier });
    expect(ask({ op: "webvh.read", lines: jsonl(ended.log), did: created.did, now: later })).toMatchObject({ versions: 3, deactivated: true });
    // Whoever serves it cannot change it.
    const lines = jsonl(updated.log).replace("peer.example", "evil.example");
    expect(ask({ op: "webvh.read", lines, did: created.did, now: later }).error).toBeTruthy();
  });
});

describe("Data Integrity eddsa-jcs-2022, against @fedify/fedify", () => {
  const credential = {
    "@context": ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/undefined-terms/v2"],
    type: ["VerifiableCredential", "VisitCredential"], issuer: "did:web:home.example", validFrom: "2026-06-01T00:00:00Z",
    credentialSubject: { id: "did:web:home.example:people:ada", name: "Ada 安", height: 1.7, carried: [{ title: "Lamp", weight: 1e21 }] },
  };
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a JSON document
  async function theirs(signed: any): Promise<boolean> {
    const bytes = multibaseDecode(signed.proof.verificationMethod.split("#")[1]).bytes.slice(2);
    const key = await crypto.subtle.importKey("raw", bytes, "Ed25519", true, ["verify"]);
    const method = new URL(signed.proof.verificationMethod);
    const proof = new DataIntegrityProof({
      cryptosuite: signed.proof.cryptosuite, verificationMethod: method, proofPurpose: signed.proof.proofPurpose,
      proofValue: multibaseDecode(signed.proof.proofValue).bytes as Uint8Array<ArrayBuffer>, created: Temporal.Instant.from(signed.proof.created) as never,
    });
    const multikey = new Multikey({ id: method, controller: new URL("did:web:home.example"), publicKey: key });
    const keyCache = { get: async () => multikey, set: async () => {} };
    const documentLoader = async (): Promise<never> => { throw new Error("nothing is looked up"); };
    return (await verifyProof(signed, proof, { keyCache: keyCache as never, documentLoader, contextLoader: documentLoader })) !== null;
  }

  it("verifies what we sign, and nothing else", async () => {
    const signed = ask({ op: "sign", document: credential, signer: 5, now });
    expect(await theirs(signed)).toBe(true);
    const changed = structuredClone(signed);
    changed.credentialSubject.name = "Eve";
    expect(await theirs(changed)).toBe(false);
    expect(ask({ op: "verify", document: signed })).toEqual({ proofs: 1 });
    expect(ask({ op: "verify", document: changed }).error).toContain("/proof/proofValue");
  });

  it("we verify what an independent signer signs", async () => {
    const proof = { type: "DataIntegrityProof" as const, cryptosuite: "eddsa-jcs-2022" as const, verificationMethod: keyNames(6).method, created: "2026-06-01T00:00:00Z", proofPurpose: "assertionMethod" as const, "@context": credential["@context"] };
    const data = await prepareDataForSigning(credential, proof);
    const signed = { ...credential, proof: { ...proof, proofValue: multibaseEncode(signBytes(null, data, privateKey(6)), MultibaseEncoding.BASE58_BTC) } };
    expect(ask({ op: "verify", document: signed })).toEqual({ proofs: 1 });
  });
});
