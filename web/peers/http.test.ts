// Signatures of HTTP requests (RFC 9421) and digests of their bodies (RFC 9530), against http-message-signatures, both ways.
import { createHash, createPrivateKey, createPublicKey } from "node:crypto";
import { createSigner, createVerifier, httpbis } from "http-message-signatures";
import { describe, expect, it } from "vitest";
import { ours, seeded } from "./ours.ts";

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- answers are JSON of many shapes
type Answer = any;
const ask = (request: object): Answer => JSON.parse(ours("identity", [JSON.stringify(request)])[0]!);

/** Key n of `identity_peer.cpp`: a seed of 32 bytes of n. */
const privateKey = (n: number) =>
  createPrivateKey({ key: Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), Buffer.alloc(32, n)]), format: "der", type: "pkcs8" });
const method = (n: number): string => ask({ op: "key", signer: n }).method;

interface Case { method: string; path: string; query: string; body: string }
const random = seeded(9421);
const below = (count: number) => Math.floor(random() * count);
const cases: Case[] = Array.from({ length: 20 }, () => ({
  method: ["GET", "POST", "PUT", "DELETE"][below(4)]!,
  path: `/${"abc/-._~".slice(0, below(9))}`,
  query: below(2) ? `?x=${below(1000)}&y=%20a` : "",
  body: below(2) ? JSON.stringify({ n: random(), text: "\u5b89\n" }) : "",
}));
const url = (test: Case) => `https://b.example:8443${test.path}${test.query}`;
const request = (test: Case, fields: Record<string, string>) => ({ method: test.method, authority: "b.example:8443", path: test.path, query: test.query, fields, body: test.body });

describe("HTTP message signatures, against http-message-signatures", () => {
  const verifier = createVerifier(createPublicKey(privateKey(4)), "ed25519");
  const keyid = method(4);
  const verify = (test: Case, headers: Record<string, string>, target = url(test)) => httpbis.verifyMessage({
    keyLookup: async (parameters) => parameters.keyid === keyid ? { id: keyid, algs: ["ed25519"], verify: verifier } : null,
    requiredParams: ["created", "nonce", "keyid"], requiredFields: ["@method", "@authority", "@path"], maxAge: 60, tolerance: 5,
  }, { method: test.method, url: target, headers }).catch(() => false);

  it("it verifies ours, and not for another address", async () => {
    for (const test of cases) {
      const headers = ask({ op: "http.sign", ...request(test, { "Content-Type": "application/json" }), signer: 4, nonce: `n${below(1e9)}`, now: Date.now() });
      expect(headers.error).toBeUndefined();
      expect(await verify(test, headers), JSON.stringify(test)).toBe(true);
      expect(await verify(test, headers, url(test).replace("b.example", "c.example"))).toBe(false);
      if (test.body) expect(headers["Content-Digest"]).toBe(`sha-256=:${createHash("sha256").update(test.body).digest("base64")}:`);
    }
  });

  it("we verify its, and nothing that was changed", async () => {
    const key = createSigner(privateKey(4), "ed25519", keyid);
    for (const test of cases) {
      const headers: Record<string, string> = test.body ? { "content-digest": `sha-512=:${createHash("sha512").update(test.body).digest("base64")}:` } : {};
      const signed = await httpbis.signMessage({
        key, params: ["created", "keyid", "alg", "nonce", "tag"], paramValues: { created: new Date(), nonce: "theirs", tag: "manyworlds" },
        fields: ["@method", "@authority", "@path", "@query", ...(test.body ? ["content-digest"] : [])],
      }, { method: test.method, url: url(test), headers });
      const fields = signed.headers as Record<string, string>;
      const good = request(test, fields);
      expect(ask({ op: "http.verify", ...good, now: Date.now() })).toEqual({ keyid, nonce: "theirs" });
      expect(ask({ op: "http.verify", ...good, authority: "c.example", now: Date.now() }).error).toContain("signature");
      expect(ask({ op: "http.verify", ...good, now: Date.now() + 120_000 }).error).toContain("created");
      if (test.body) expect(ask({ op: "http.verify", ...good, body: `${test.body} `, now: Date.now() }).error).toContain("content-digest");
    }
  });
});
