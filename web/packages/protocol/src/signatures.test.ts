import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { verifyEd25519 } from "./signatures.ts";

const hex = (text: string) => Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
const shared = resolve(import.meta.dirname, "../../../../../shared/vectors/ed25519");

describe("Ed25519 in the browser, by the host's rule", () => {
  // RFC 8032, section 7.1, test 2.
  const key = hex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
  const message = hex("72");
  const signature = hex("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");

  it("verifies the example of RFC 8032, and no other bit of it", async () => {
    expect(await verifyEd25519(key, message, signature)).toBe(true);
    for (let bit = 0; bit < 512; bit += 3) {
      const changed = signature.slice();
      changed[bit >> 3] = changed[bit >> 3]! ^ (1 << (bit & 7));
      expect(await verifyEd25519(key, message, changed), `bit ${bit}`).toBe(false);
    }
    expect(await verifyEd25519(key, hex("73"), signature)).toBe(false);
    expect(await verifyEd25519(key.subarray(1), message, signature)).toBe(false);
    expect(await verifyEd25519(key, message, signature.subarray(1))).toBe(false);
  });

  it("refuses S + L, which is another text of the same signature", async () => {
    const order = hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    const changed = signature.slice();
    let carry = 0;
    for (let i = 0; i < 32; i++) {
      carry += changed[32 + i]! + order[i]!;
      changed[32 + i] = carry & 0xff;
      carry >>= 8;
    }
    expect(await verifyEd25519(key, message, changed)).toBe(false);
  });

  it("refuses points of small order and points that are not written canonically, as keys and in signatures", async () => {
    for (const low of ["00", "01", "ec", "ed", "ee"]) for (const top of ["00", "80", "7f", "ff"]) {
      const fill = low.startsWith("e") ? "ff" : "00";
      const point = hex(`${low}${fill.repeat(30)}${top}`);
      const zero = new Uint8Array(64);
      zero.set(point);
      expect(await verifyEd25519(point, message, zero), `${low}..${top}`).toBe(false);
      expect(await verifyEd25519(key, message, zero), `${low}..${top}`).toBe(false);
    }
  });

  it.skipIf(!existsSync(shared))("verifies the published vectors, and not for another message", async () => {
    const vectors = JSON.parse(readFileSync(resolve(shared, "rfc8032_section7_1.json"), "utf8")) as { public_key: string; message: string; signature: string }[];
    const more = readFileSync(resolve(shared, "sign.input"), "utf8").trim().split("\n").filter((_, i) => i % 8 === 0).map((line) => {
      const [, publicKey, text, signed] = line.split(":") as [string, string, string, string];
      return { public_key: publicKey, message: text, signature: signed.slice(0, 128) };
    });
    expect(vectors.length).toBe(5);
    for (const vector of [...vectors, ...more]) {
      expect(await verifyEd25519(hex(vector.public_key), hex(vector.message), hex(vector.signature))).toBe(true);
      expect(await verifyEd25519(hex(vector.public_key), hex(`${vector.message}00`), hex(vector.signature))).toBe(false);
    }
  });
});
