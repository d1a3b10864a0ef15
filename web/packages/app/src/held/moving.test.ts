import { CallError, ErrorCode } from "@manyworlds/protocol";
import { fromBase64url, type Client } from "@manyworlds/sdk";
import { describe, expect, it } from "vitest";
import { rotateStatement } from "./forms.ts";
import { OpenKey, proofStatement } from "./key.ts";
import { keepKey, moveAll } from "./moving.ts";

const log = "home.example/log";
const hash = (index: number) => String.fromCharCode(65 + index).repeat(43);
const thing = { name: "Crate", model: "crate", scale: 1 };
type Call = (method: string, params: never) => Promise<unknown>;
const fake = (call: Call) => ({ call }) as unknown as Pick<Client, "call">;

async function verifies(key: OpenKey, statement: string, signature: string): Promise<boolean> {
  return (await key.sign(statement)) === signature && fromBase64url(signature).length === 64;
}

/** A home with so many things, two at a time, which is tired now and then. */
function home(key: OpenKey, things: number, to: () => string) {
  const left = Array.from({ length: things }, (_, index) => index);
  const moved: string[] = [];
  let calls = 0;
  const call: Call = async (method, given) => {
    const params = given as { moves: { asset: string; signature: string }[] };
    if (++calls % 3 === 0) throw new CallError(ErrorCode.rateLimited, "too many calls", undefined, method);
    const form = (index: number) => ({ asset: hash(index), sequence: 1, previous: hash(index), to: to() });
    if (method === "title.key.moves") return { log, moves: left.slice(0, 2).map((index) => ({ ...form(index), thing })), stay: [{ asset: hash(25), thing, why: "away" }], more: left.length > 2 };
    for (const { asset, signature } of params.moves) {
      const index = left.shift()!;
      expect(asset).toBe(hash(index));
      expect(await verifies(key, rotateStatement(log, form(index)), signature)).toBe(true);
      moved.push(asset);
    }
    return { moved: params.moves.length, failed: [], state: { custody: "holder" } };
  };
  return { call, moved };
}

describe("moving titles to a key", () => {
  it("goes on until all have moved, also when the home needs a rest", async () => {
    const key = await OpenKey.fresh();
    const { call, moved } = home(key, 5, () => key.publicKey);
    const done = await moveAll(fake(call), "holder", key, 1);
    expect(done).toMatchObject({ moved: 5, stay: [{ asset: hash(25), why: "away" }] });
    expect(moved).toHaveLength(5);
  });

  it("signs nothing for another key", async () => {
    const [key, other] = [await OpenKey.fresh(), await OpenKey.fresh()];
    const { call, moved } = home(key, 1, () => other.publicKey);
    await expect(moveAll(fake(call), "holder", key, 1)).rejects.toThrow("to");
    expect(moved).toEqual([]);
  });

  it("gives the home the key with a proof over exactly these wrappings", async () => {
    const key = await OpenKey.fresh();
    const whose = { host: "a.example", person: "did:webvh:ada" };
    const wrappings = [{ passkey: "", wrapped: "Ag" }];
    let proof = "";
    await keepKey(fake(async (_, given) => void ({ proof } = given as { proof: string })), key, whose, wrappings);
    expect(await verifies(key, proofStatement(whose, key.publicKey, wrappings), proof)).toBe(true);
  });
});
