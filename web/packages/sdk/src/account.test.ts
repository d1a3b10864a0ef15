import { describe, expect, it } from "vitest";
import { fromBase64url, makeRecoveryFile, multikey, readRecoveryFile, toBase64url } from "./account.ts";

describe("the recovery file", () => {
  it("names its key as did:key does (the key of RFC 8032, test 1)", () => {
    const key = Uint8Array.from("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a".match(/../g)!, (pair) => parseInt(pair, 16));
    expect(multikey(key)).toBe("z6MktwupdmLXVVqTzCw4i46r4uGyosGXRnR3XjN4Zq7oMMsw");
  });

  it("is read as it was written, and its key signs for its name", async () => {
    const file = await makeRecoveryFile("https://a.example", "Ada");
    expect(readRecoveryFile(JSON.stringify(file))).toEqual(file);
    const key = await crypto.subtle.importKey("pkcs8", fromBase64url(file.key), "Ed25519", true, ["sign"]);
    const { x } = (await crypto.subtle.exportKey("jwk", key)) as { x: string };
    expect(multikey(fromBase64url(x))).toBe(file.publicKey);
    expect((await makeRecoveryFile("https://a.example", "Ada")).key).not.toBe(file.key);
  });

  it("is nothing else", () => {
    for (const text of ["", "[]", "null", "{}", '{"manyworlds":"recovery-2"}', '{"manyworlds":"recovery-1","home":1}']) expect(readRecoveryFile(text)).toBeNull();
  });
});

it("base64url goes both ways, at every length", () => {
  for (let size = 0; size < 70; size++) {
    const bytes = Uint8Array.from({ length: size }, (_, i) => (i * 91 + size) & 255);
    expect(fromBase64url(toBase64url(bytes))).toEqual(bytes);
    expect(toBase64url(bytes)).toBe(Buffer.from(bytes).toString("base64url"));
  }
});
