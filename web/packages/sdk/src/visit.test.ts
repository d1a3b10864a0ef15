import { createHash, generateKeyPairSync } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { verifyEd25519 } from "@manyworlds/protocol/signatures.ts";
import { fromBase64url } from "./account.ts";
import { arrivalText, canonicalJson, encodeJson, makeSessionKey, originOf, readVisitFragment, signArrival, thumbprint, visitAddress, worldAddress } from "./visit.ts";

const jcs = resolve(import.meta.dirname, "../../../../../shared/vectors/jcs/cyberphone");

describe("canonical JSON", () => {
  it("is the example of RFC 8785, section 3.2", () => {
    const text = String.raw`{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}`;
    const canonical = String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`;
    expect(canonicalJson(JSON.parse(text))).toBe(canonical);
  });

  it.skipIf(!existsSync(jcs))("is what the published examples say", () => {
    const names = readdirSync(resolve(jcs, "input"));
    expect(names.length).toBeGreaterThan(3);
    for (const name of names) {
      const input = JSON.parse(readFileSync(resolve(jcs, "input", name), "utf8")) as unknown;
      expect(canonicalJson(input), name).toBe(readFileSync(resolve(jcs, "output", name), "utf8").trim());
    }
  });
});

describe("a session key", () => {
  it("is named as RFC 8037, appendix A.3, names its own", async () => {
    expect(await thumbprint(fromBase64url("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"))).toBe("kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
  });

  it("signs the arrival, and cannot be read", async () => {
    const session = await makeSessionKey();
    if (!session) throw new Error("no Ed25519 here");
    await expect(crypto.subtle.exportKey("pkcs8", session.key)).rejects.toThrow();
    const credential = { b: 1, a: { proof: "z" } };
    const hash = createHash("sha256").update('{"a":{"proof":"z"},"b":1}').digest("base64url");
    const text = await arrivalText("did:web:b.example", "nonce", credential);
    expect(text).toBe(`manyworlds arrival 1\ndid:web:b.example\nnonce\n${hash}`);
    const signature = fromBase64url(await signArrival(session, "did:web:b.example", "nonce", credential));
    const key = fromBase64url(session.publicKey);
    expect(await verifyEd25519(key, new TextEncoder().encode(text), signature)).toBe(true);
    expect(await verifyEd25519(key, new TextEncoder().encode(`${text} `), signature)).toBe(false);
    expect(session.thumbprint).toBe(await thumbprint(key));
  });

  it("differs from visit to visit", async () => {
    const keys = await Promise.all([makeSessionKey(), makeSessionKey()]);
    expect(keys[0]?.publicKey).not.toBe(keys[1]?.publicKey);
    expect(generateKeyPairSync("ed25519").publicKey.export({ format: "jwk" }).x).toHaveLength(keys[0]?.publicKey.length ?? 0);
  });
});

describe("what is after the #", () => {
  it("is read as it was written", () => {
    const challenge = { type: "VisitChallenge", world: "广场", n: 1 };
    const address = visitAddress("https://b.example/w/plaza", { home: "a.example:8443", from: "https://a.example:8443/w/home" });
    expect(readVisitFragment(new URL(address).hash)).toEqual({ home: "a.example:8443", from: "https://a.example:8443/w/home" });
    expect(readVisitFragment(`#challenge=${encodeJson(challenge)}`)).toEqual({ challenge });
    expect(readVisitFragment(`#visit=${encodeJson([challenge])}`)).toEqual({ visit: [challenge] });
    expect(readVisitFragment("#home=a.example&beside=i1.Q_-.w")).toEqual({ home: "a.example", beside: "i1.Q_-.w" });
    expect(readVisitFragment("#refused=1")).toEqual({ refused: true });
  });

  it("is nothing where it is of no use", () => {
    for (const hash of ["", "#", "#operator=x", "#home=", "#home=a.example/x", "#home=u@a.example", "#home=A%20B", "#visit=%%%", "#visit=e30=", "#challenge=AAAA", "#from=javascript:alert(1)", "#from=https://u@b.example/w/x", "#from=https://b.example/w/x?y"])
      expect(readVisitFragment(hash), hash).toEqual({});
  });

  it("keeps what a link had there", () => {
    expect(visitAddress("https://b.example/w/x#beside=v1", { home: "a.example" })).toBe("https://b.example/w/x#beside=v1&home=a.example");
  });
});

it("only addresses of worlds are gone back to, without encryption on this machine alone", () => {
  expect(worldAddress("https://b.example/w/plaza")).toBe("https://b.example/w/plaza");
  expect(worldAddress("http://b.localhost:8080/")).toBe("http://b.localhost:8080/");
  expect(worldAddress("http://b.example/w/plaza")).toBe("https://b.example/w/plaza");
  for (const address of ["https://b.example/visit", "https://b.example/w/../x", "ftp://b.example/", "https://b.example@evil.example/", "//b.example/"]) expect(worldAddress(address), address).toBeNull();
  expect(originOf("a.localhost:80")).toBe("http://a.localhost:80");
  expect(originOf("alocalhost")).toBe("https://alocalhost");
});
