import { fromBase64url, toBase64url } from "@manyworlds/sdk";
import { afterEach, describe, expect, it, vi } from "vitest";
import { askPasskey, DoesNotOpen, makeCode, openByCode, openByPasskey, OpenKey, plainCode, prfSalt, proofStatement, readKeyFile } from "./key.ts";

const whose = { host: "a.example", person: "did:webvh:QmScid:a.example:people:ada" };
const seed = () => new Uint8Array(32).fill(7);
const secret = new Uint8Array(32).fill(9);
const changed = (wrapped: string, at: number): string => {
  const bytes = fromBase64url(wrapped);
  bytes[at] = bytes[at]! ^ 1;
  return toBase64url(bytes);
};

afterEach(() => vi.unstubAllGlobals());

describe("a key that its owner holds", () => {
  it("opens by the passkey's secret that wrapped it, and signs as before", async () => {
    const key = await OpenKey.of(seed());
    const way = await key.wrapByPasskey("cGFzcw", secret, whose);
    const opened = await openByPasskey(way, secret, whose, key.publicKey);
    expect(opened.publicKey).toBe(key.publicKey);
    expect(await opened.sign("this")).toBe(await key.sign("this"));
    expect(fromBase64url(way.wrapped)).toHaveLength(1 + 12 + 32 + 16);
  });

  it("does not open by another secret, host, person or key", async () => {
    const key = await OpenKey.of(seed());
    const way = await key.wrapByPasskey("cGFzcw", secret, whose);
    const other = await OpenKey.fresh();
    await expect(openByPasskey(way, new Uint8Array(32).fill(8), whose, key.publicKey)).rejects.toThrow(DoesNotOpen);
    await expect(openByPasskey(way, secret, { ...whose, host: "b.example" }, key.publicKey)).rejects.toThrow(DoesNotOpen);
    await expect(openByPasskey(way, secret, { ...whose, person: "did:webvh:eve" }, key.publicKey)).rejects.toThrow(DoesNotOpen);
    await expect(openByPasskey(way, secret, whose, other.publicKey)).rejects.toThrow(DoesNotOpen);
  });

  it("does not open when any byte was changed, or one is gone", async () => {
    const key = await OpenKey.of(seed());
    const way = await key.wrapByPasskey("cGFzcw", secret, whose);
    const size = fromBase64url(way.wrapped).length;
    for (let at = 0; at < size; ++at) await expect(openByPasskey({ ...way, wrapped: changed(way.wrapped, at) }, secret, whose, key.publicKey)).rejects.toThrow(DoesNotOpen);
    for (const wrapped of ["", "AQ", "!", toBase64url(fromBase64url(way.wrapped).slice(0, -1))]) await expect(openByPasskey({ ...way, wrapped }, secret, whose, key.publicKey)).rejects.toThrow(DoesNotOpen);
  });

  it("opens by the person's code, however it is typed, and by no other", async () => {
    const key = await OpenKey.fresh();
    const code = makeCode();
    const way = await key.wrapByCode(code, whose);
    expect((await openByCode(way, code.toLowerCase().replaceAll("-", " "), whose, key.publicKey)).publicKey).toBe(key.publicKey);
    await expect(openByCode(way, makeCode(), whose, key.publicKey)).rejects.toThrow(DoesNotOpen);
    await expect(openByCode({ ...way, wrapped: changed(way.wrapped, 40) }, code, whose, key.publicKey)).rejects.toThrow(DoesNotOpen);
    await expect(openByPasskey(way, secret, whose, key.publicKey)).rejects.toThrow(DoesNotOpen);
    expect(fromBase64url(way.wrapped).length).toBeLessThanOrEqual(128);
  }, 30_000);

  it("has codes of 125 bits that are read alike", () => {
    expect(makeCode()).toMatch(/^([0-9A-HJKMNP-TV-Z]{5}-){4}[0-9A-HJKMNP-TV-Z]{5}$/);
    expect(plainCode("oI l-a")).toBe("011A");
    expect(new Set(Array.from({ length: 50 }, makeCode)).size).toBe(50);
  });

  it("forgets the seed when it is closed", async () => {
    const bytes = seed();
    const key = await OpenKey.of(bytes);
    key.close();
    expect([...bytes]).toEqual(new Array(32).fill(0));
  });

  it("says what the home is to keep, line by line", () => {
    const wrappings = [{ passkey: "cGFzcw", wrapped: "AQ" }, { passkey: "", wrapped: "Ag" }];
    expect(proofStatement(whose, "z6MkA", wrappings)).toBe(`manyworlds title key 1\nhost a.example\nperson ${whose.person}\nkey z6MkA\npasskey cGFzcw AQ\ncode Ag\n`);
  });

  it("is read from its file alone", () => {
    const file = { manyworlds: "title-key-1", home: "a", person: "b", made: "c", publicKey: "d", code: "e", wrapped: "f" };
    expect(readKeyFile(JSON.stringify(file))).toEqual(file);
    for (const text of ["", "{}", "null", JSON.stringify({ ...file, code: 1 }), JSON.stringify({ ...file, manyworlds: "recovery-1" })]) expect(readKeyFile(text)).toBeNull();
  });
});

describe("the passkey's secret", () => {
  const credentials = (results: object) => {
    const get = vi.fn(() => Promise.resolve({ rawId: Uint8Array.of(1, 2).buffer, getClientExtensionResults: () => results }));
    vi.stubGlobal("navigator", { credentials: { get } });
    return get;
  };

  it("is asked for with a salt of this host alone", async () => {
    const get = credentials({ prf: { results: { first: secret.buffer } } });
    expect(await askPasskey(["AQI"], "a.example")).toEqual({ passkey: "AQI", secret });
    const asked = (get.mock.calls as unknown as [{ publicKey: PublicKeyCredentialRequestOptions }][])[0]![0].publicKey;
    expect(asked.userVerification).toBe("required");
    expect(asked.extensions?.prf?.eval?.first).toEqual(await prfSalt("a.example"));
    expect(await prfSalt("a.example")).not.toEqual(await prfSalt("b.example"));
  });

  it("is none where the authenticator makes none", async () => {
    credentials({});
    expect((await askPasskey(["AQI"], "a.example")).secret).toBeNull();
  });
});
