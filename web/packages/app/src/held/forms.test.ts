import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { canonicalJson, toBase64url } from "@manyworlds/sdk";
import { describe, expect, it } from "vitest";
import { checkedGift, checkedLease, checkedRotations, checkedTrade, leaseStatement, lookOf, type Made, type Move, NotAsAsked, rotateStatement, tradeStatement, transferStatement } from "./forms.ts";

const vectors = JSON.parse(readFileSync(resolve(import.meta.dirname, "../../../../../schema/vectors/titles.json"), "utf8")) as { entries: { entry: string }[] };
const log = "home.example/log";
const KEY = "z6Mkon3Necd6NkkyfoGoHxid2znGc59LU3K7mubaRcFbLfLX";
const MINE = "z6Mko9hTggMwjSTEaJaPUfE6tqcy2xvU6BnNq3e3o8qVBiyH";

const sha256 = async (text: string) => toBase64url(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))));

async function made(name: string): Promise<Made & { thing: { name: string } }> {
  const thing = { type: "manyworlds thing 1", model: "crate", scale: 1, colour: "#e4572e", name };
  const statement = `manyworlds title 1\ncreate\nlog ${log}\ncontent ${await sha256(canonicalJson(thing))}\nserial AQEBAQEBAQEBAQEBAQEBAQ\nowner ${KEY}\n`;
  return { asset: await sha256(statement), thing, creation: `${statement}\nsignature AA\n` };
}
const moveOf = (asset: string, to = KEY): Move => ({ asset, sequence: 1, previous: asset, to });

describe("statements", () => {
  it("are those of the golden vectors, byte for byte", () => {
    const seen = new Set<string>();
    for (const { entry } of vectors.entries) {
      const statement = entry.slice(0, entry.indexOf("\n\n") + 1);
      const lines = statement.split("\n");
      const kind = lines[1] ?? "";
      const values = lines.slice(3, -1).map((line) => line.slice(line.indexOf(" ") + 1));
      const move = (at: number): Move => ({ asset: values[at]!, sequence: Number(values[at + 1]), previous: values[at + 2]!, to: values[at + 3]! });
      const there = lines[2]?.slice(4) ?? "";
      const builders: Record<string, () => string> = {
        transfer: () => transferStatement(there, move(0)),
        rotate: () => rotateStatement(there, move(0)),
        trade: () => tradeStatement(there, move(0), move(4)),
        lease: () => leaseStatement(there, { asset: values[0]!, previous: values[1]!, number: Number(values[2]), host: values[3]!, holder: values[4]!, from: Number(values[5]), until: Number(values[6]) }),
      };
      const build = builders[kind];
      if (!build || (kind === "lease" && Number(values[6]) - Number(values[5]) > 600)) continue;
      expect(build()).toBe(statement);
      seen.add(kind);
    }
    expect([...seen].sort()).toEqual(["lease", "rotate", "trade", "transfer"]);
  });

  it("take no line more than they have", async () => {
    const { asset } = await made("The red crate");
    for (const bad of [{ to: `${KEY}\nto ${MINE}` }, { previous: `${asset}\n` }, { asset: "x" }, { sequence: 0 }, { sequence: 1.5 }, { sequence: Number.NaN }]) expect(() => transferStatement(log, { ...moveOf(asset), ...bad })).toThrow(NotAsAsked);
    expect(() => transferStatement("home example", moveOf(asset))).toThrow(NotAsAsked);
    const lease = { asset, previous: asset, number: 1, host: "did:web:b.example%3A8443", holder: KEY, from: 1000, until: 1600 };
    expect(leaseStatement(log, lease)).toContain("until 1600\n");
    for (const bad of [{ until: 1601 }, { until: 1000 }, { host: "did:web:b.example\nholder x" }, { host: "did:web:b.example:people:x" }, { holder: "z6MkX" }, { number: 0 }]) expect(() => leaseStatement(log, { ...lease, ...bad })).toThrow(NotAsAsked);
  });
});

describe("what a title is over", () => {
  it("is shown from the record that made it", async () => {
    const crate = await made("The red crate");
    expect(await lookOf(log, crate.asset, [crate])).toEqual({ name: "The red crate", model: "crate", scale: 1, colour: "#e4572e" });
  });

  it("is not another thing, another asset or another log", async () => {
    const crate = await made("The red crate");
    const other = await made("The blue crate");
    await expect(lookOf(log, crate.asset, [{ ...crate, thing: other.thing }])).rejects.toThrow(NotAsAsked);
    await expect(lookOf(log, crate.asset, [{ ...other, asset: crate.asset }])).rejects.toThrow(NotAsAsked);
    await expect(lookOf(log, crate.asset, [other])).rejects.toThrow(NotAsAsked);
    await expect(lookOf("other.example/log", crate.asset, [crate])).rejects.toThrow(NotAsAsked);
    await expect(lookOf(log, crate.asset, [{ ...crate, creation: "" }])).rejects.toThrow(NotAsAsked);
  });
});

describe("a home that asks for another signature", () => {
  it("gets no transfer of another thing, nor two", async () => {
    const crate = await made("The red crate");
    const other = await made("The blue crate");
    expect((await checkedGift(crate.asset, { log, moves: [moveOf(crate.asset)], things: [crate] })).statement).toContain(`\nasset ${crate.asset}\n`);
    await expect(checkedGift(crate.asset, { log, moves: [moveOf(other.asset)], things: [crate, other] })).rejects.toThrow(NotAsAsked);
    await expect(checkedGift(crate.asset, { log, moves: [moveOf(crate.asset), moveOf(other.asset)], things: [crate, other] })).rejects.toThrow(NotAsAsked);
    await expect(checkedGift(crate.asset, { log, moves: [], things: [crate] })).rejects.toThrow(NotAsAsked);
  });

  it("gets no trade of another pair, and is shown where the other thing goes", async () => {
    const [mine, theirs, third] = [await made("Mine"), await made("Theirs"), await made("Third")];
    const things = [mine, theirs, third];
    const checked = await checkedTrade(mine.asset, theirs.asset, { log, moves: [moveOf(theirs.asset, MINE), moveOf(mine.asset)], things });
    expect([checked.gives.name, checked.gets.name, checked.getsTo]).toEqual(["Mine", "Theirs", MINE]);
    for (const moves of [[moveOf(mine.asset), moveOf(third.asset)], [moveOf(third.asset), moveOf(theirs.asset)], [moveOf(mine.asset)], [moveOf(mine.asset), moveOf(mine.asset)]]) await expect(checkedTrade(mine.asset, theirs.asset, { log, moves, things })).rejects.toThrow(NotAsAsked);
  });

  it("gets no lease of another thing, to another host, or for long", async () => {
    const crate = await made("The red crate");
    const now = 1_764_000_000_000;
    const lease = { asset: crate.asset, previous: crate.asset, number: 1, host: "did:web:b.example", holder: KEY, from: now / 1000, until: now / 1000 + 600 };
    const form = { log, lease, things: [crate] };
    expect((await checkedLease(crate.asset, "did:web:b.example", form, now)).until_s).toBe(lease.until);
    await expect(checkedLease(crate.asset, "did:web:c.example", form, now)).rejects.toThrow(NotAsAsked);
    await expect(checkedLease((await made("Other")).asset, "did:web:b.example", form, now)).rejects.toThrow(NotAsAsked);
    await expect(checkedLease(crate.asset, "did:web:b.example", { ...form, lease: { ...lease, from: lease.from + 86_400, until: lease.until + 86_400 } }, now)).rejects.toThrow(NotAsAsked);
  });

  it("gets no rotation to a key that is not one's own", async () => {
    const { asset } = await made("The red crate");
    expect(checkedRotations({ log, moves: [moveOf(asset, MINE)] }, MINE)).toEqual([{ asset, statement: rotateStatement(log, moveOf(asset, MINE)) }]);
    expect(() => checkedRotations({ log, moves: [moveOf(asset, KEY)] }, MINE)).toThrow(NotAsAsked);
  });
});
