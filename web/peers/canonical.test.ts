import canonicalize from "canonicalize";
import { describe, expect, it } from "vitest";
import { ours, seeded } from "./ours.ts";

const random = seeded(8785);
const below = (count: number) => Math.floor(random() * count);

function text(): string {
  let out = "";
  for (let left = below(9); left > 0; left--) {
    const kind = below(8);
    const point = kind === 0 ? below(0x20) : kind === 1 ? 0x10000 + below(0x100000) : kind === 2 ? 0xe000 + below(0x2000) : kind === 3 ? 0x80 + below(0xd700) : 0x20 + below(0x60);
    out += String.fromCodePoint(point);
  }
  return out;
}

const bits = new DataView(new ArrayBuffer(8));
/** A number as JSON text, in more ways of writing than JSON.stringify has. */
function number(): string {
  switch (below(6)) {
    case 0: return String(below(2 ** 31) - 2 ** 30);
    case 1: return (random() * 10 ** below(25)).toExponential(below(20));
    case 2: return `${below(1000)}.${"0".repeat(below(8))}${below(10 ** 6)}`;
    case 3: return `${below(10)}e${below(2) ? "-" : "+"}${below(300)}`;
    case 4: return String(BigInt(Math.floor(random() * 2 ** 53)) * BigInt(1 + below(1 << 20)));
    default: {
      bits.setUint32(0, below(2 ** 32));
      bits.setUint32(4, below(2 ** 32));
      const value = bits.getFloat64(0);
      return Number.isFinite(value) ? String(value) : "-0.0";
    }
  }
}

const quoted = (value: string) => below(2) ? JSON.stringify(value) : `"${[...Array(value.length).keys()].map((i) => `\\u${value.charCodeAt(i).toString(16).padStart(4, "0")}`).join("")}"`;
const space = () => " \t".slice(0, below(3));

function json(depth: number): string {
  const kind = depth > 4 ? below(5) : below(8);
  if (kind < 2) return quoted(text());
  if (kind < 4) return number();
  if (kind === 4) return ["true", "false", "null"][below(3)]!;
  const items = Array.from({ length: below(5) }, () => json(depth + 1));
  if (kind === 5) return `[${items.join(`${space()},${space()}`)}]`;
  const keys = new Set(items.map(text));
  return `{${[...keys].map((key, i) => `${space()}${quoted(key)}:${space()}${items[i]}`).join(",")}}`;
}

describe("canonical JSON (RFC 8785), against npm's canonicalize", () => {
  it("agrees on 100,000 random documents", () => {
    const documents = Array.from({ length: 100_000 }, () => json(0));
    const answers = ours("canonical", documents);
    expect(answers.length).toBe(documents.length);
    let differing = 0;
    documents.forEach((document, i) => {
      if (answers[i] === canonicalize(JSON.parse(document))) return;
      if (differing++ < 5) expect.soft(answers[i], document).toBe(canonicalize(JSON.parse(document)));
    });
    expect(differing).toBe(0);
  });

  it("refuses what two readers could take for different values", () => {
    const bad = ['{"a":1,"a":2}', '{"a":1,"\\u0061":2}', '"\\ud800"', '"\\udc00\\ud800"', "1e999", "NaN", "[1,]", "\ufeff1"];
    for (const answer of ours("canonical", bad)) expect(answer).toMatch(/^!/);
  });
});
