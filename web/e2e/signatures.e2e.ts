// The browser's signatures: the published vectors, by the code that the pages use, in Chromium and not in Node. Browsers differ in what
// they verify, and a log that two verifiers read differently has forked.

import { existsSync, readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { root } from "./host.ts";
import { launch } from "./visitor.ts";

interface Vector {
  name: string;
  key: string; // hexadecimal, as the others
  message: string;
  signature: string;
}

const shared = join(root, "../shared/vectors");
const read = (path: string) => readFileSync(join(shared, path), "utf8");
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

/** Multikey and multibase text ("z..."): base58btc. */
function fromBase58(text: string): Uint8Array {
  const digits = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
  let number = 0n;
  for (const digit of text.slice(1)) number = number * 58n + BigInt(digits.indexOf(digit));
  const bytes = number.toString(16);
  return Uint8Array.from(Buffer.from(bytes.length % 2 ? `0${bytes}` : bytes, "hex"));
}

function published(): Vector[] {
  const vectors = (JSON.parse(read("ed25519/rfc8032_section7_1.json")) as { public_key: string; message: string; signature: string }[]).map((one, i) => ({
    name: `RFC 8032, ${i + 1}`,
    key: one.public_key,
    message: one.message,
    signature: one.signature,
  }));
  for (const [i, line] of read("ed25519/sign.input").trim().split("\n").entries()) {
    const [, key, message, signed] = line.split(":") as [string, string, string, string];
    vectors.push({ name: `sign.input, ${i + 1}`, key, message, signature: signed.slice(0, 128) });
  }
  const pair = JSON.parse(read("vc-di-eddsa/keyPair.json")) as { publicKeyMultibase: string };
  vectors.push({
    name: "eddsa-jcs-2022",
    key: hex(fromBase58(pair.publicKeyMultibase).subarray(2)),
    message: read("vc-di-eddsa/eddsa-jcs-2022/combinedHashJCS.txt").trim(),
    signature: read("vc-di-eddsa/eddsa-jcs-2022/sigHexJCS.txt").trim(),
  });
  const http = JSON.parse(read("http-sig/rfc9421_appendix_b.json")) as {
    keys: Record<string, { jwk?: { x: string }[] }>;
    cases: { keyid: string; signature_base: string; signature: string }[];
  };
  const signed = http.cases.find((one) => one.keyid === "test-key-ed25519")!;
  vectors.push({
    name: "RFC 9421, B.2.6",
    key: Buffer.from(http.keys["test-key-ed25519"]!.jwk![0]!.x, "base64url").toString("hex"),
    message: Buffer.from(signed.signature_base).toString("hex"),
    signature: Buffer.from(/:(.*):/.exec(signed.signature)![1]!, "base64").toString("hex"),
  });
  return vectors;
}

/** What a verifier could be lenient with: the texts that unlike verifiers read unlike. None of them may pass. */
function refused(good: Vector): Vector[] {
  const list: Vector[] = [];
  const order = Buffer.from("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010", "hex");
  const bytes = Buffer.from(good.signature, "hex");
  let carry = 0;
  for (let i = 0; i < 32; i++) {
    carry += bytes[32 + i]! + order[i]!;
    bytes[32 + i] = carry & 0xff;
    carry >>= 8;
  }
  list.push({ ...good, name: "S + L", signature: hex(bytes) });
  for (const low of ["00", "01", "ec", "ed", "ee", "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05", "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"])
    for (const top of ["00", "80", "7f", "ff"]) {
      const point = low.length === 64 ? low : low + (low.startsWith("e") ? "ff" : "00").repeat(30) + top;
      list.push({ ...good, name: `R ${point}`, signature: point + "00".repeat(32) });
      list.push({ name: `A and R ${point}`, key: point, message: good.message, signature: point + "00".repeat(32) });
    }
  list.push({ ...good, name: "another message", message: `${good.message}00` });
  return list;
}

async function verify(page: Page, vectors: Vector[]): Promise<string[]> {
  return page.evaluate(async (list) => {
    const bytes = (text: string) => Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
    const { verifyEd25519 } = globalThis as unknown as {
      verifyEd25519: (key: Uint8Array, message: Uint8Array, signature: Uint8Array) => Promise<boolean>;
    };
    const good: string[] = [];
    for (const one of list) if (await verifyEd25519(bytes(one.key), bytes(one.message), bytes(one.signature))) good.push(one.name);
    return good;
  }, vectors);
}

const PAGE = `<!doctype html><title>Signatures</title><script type="module">import * as all from "/signatures.js"; Object.assign(globalThis, all);</script>`;

let browser: Browser;
let page: Page;
beforeAll(async () => {
  browser = await launch();
  page = await browser.newPage();
  const code = stripTypeScriptTypes(readFileSync(join(root, "web/packages/protocol/src/signatures.ts"), "utf8"));
  // No host: the browser and the code alone, at an address that counts as secure.
  await page.route("http://vectors.localhost/**", (route) =>
    route.request().url().endsWith(".js")
      ? route.fulfill({ contentType: "text/javascript", body: code })
      : route.fulfill({ contentType: "text/html", body: PAGE }),
  );
  await page.goto("http://vectors.localhost/");
  await page.waitForFunction(() => "verifyEd25519" in globalThis);
});
afterAll(() => browser?.close());

// RFC 8032, section 7.1, test 2.
const example: Vector = {
  name: "RFC 8032, 2",
  key: "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
  message: "72",
  signature: "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
};

it("Chromium verifies the example of RFC 8032, and nothing that verifiers differ on", async () => {
  expect(await verify(page, [example])).toEqual([example.name]);
  expect(await verify(page, refused(example))).toEqual([]);
});

it.skipIf(!existsSync(shared))("Chromium verifies the published vectors, and none with a bit changed", async () => {
  const vectors = published();
  expect(vectors.length).toBe(1031);
  expect(await verify(page, vectors)).toEqual(vectors.map((one) => one.name));
  const changed = vectors.map((one, i) => {
    const bytes = Buffer.from(one.signature, "hex");
    bytes[i % 64] = bytes[i % 64]! ^ (1 << (i & 7));
    return { ...one, signature: hex(bytes) };
  });
  expect(await verify(page, changed)).toEqual([]);
});
