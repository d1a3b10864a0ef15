// A second reader of poses, written from schema/frames.md and nothing else. The product uses the WebAssembly one; this one
// is for the tests, to hold the text to the truth, and for whoever wants to read how short a reader can be.

type Row = [entity: number, x: number, y: number, z: number, yaw: number, animation: number, speaking: boolean];
interface Member {
  at: Row;
  velocity: [number, number, number];
}

class Bits {
  #at = 0;
  constructor(private readonly bytes: Uint8Array) {}

  u(n: number): number {
    let value = 0;
    for (; n > 0; n--, this.#at++) value = value * 2 + (((this.bytes[this.#at >> 3] ?? 0) >> (7 - (this.#at & 7))) & 1);
    return value;
  }

  s(n: number): number {
    const value = this.u(n);
    return n > 0 && value >= 2 ** (n - 1) ? value - 2 ** n : value;
  }

  golomb(k: number): number {
    let n = 0;
    while (this.u(1) === 1) n++;
    return (2 ** n - 1) * 2 ** k + this.u(k + n);
  }

  varint(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.u(8);
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  }

  lengths(): number[] {
    return Array.from({ length: this.u(5) }, () => this.u(3));
  }

  /** A prefix code: codewords as text, by symbol. */
  code(lengths: number[]): Map<string, number> {
    const words = new Map<string, number>();
    let next = 0;
    for (let length = 1; length <= 7; length++, next *= 2) {
      lengths.forEach((l, symbol) => {
        if (l === length) words.set((next++).toString(2).padStart(length, "0"), symbol);
      });
    }
    return words;
  }

  symbol(code: Map<string, number>): number {
    let word = "";
    while (word.length < 8) {
      word += this.u(1);
      const symbol = code.get(word);
      if (symbol !== undefined) return symbol;
    }
    throw new Error("no codeword");
  }
}

/** Step of places in cm, bits of a direction. */
const LEVELS = [[1, 8], [2, 7], [4, 6], [8, 5], [16, 5]] as const;

function scaled([entity, x, y, z, yaw, ...rest]: Row, [step, bits]: (typeof LEVELS)[number]): Row {
  return [entity, x * step, y * step, z * step, (yaw * 2 ** (8 - bits)) % 256, ...rest];
}

export class PosesByTheText {
  #tick = 0;
  #level: (typeof LEVELS)[number] = LEVELS[0];
  #members: Member[] = [];

  /** `trained`: the rows of vectors/pose_codes.json. */
  constructor(private readonly trained: string[][]) {}

  keyframe(payload: Uint8Array): { tick: number; poses: Row[] } {
    const bits = new Bits(payload);
    this.#tick = bits.varint();
    const level = LEVELS[bits.varint()];
    if (!level) throw new Error("no such level");
    this.#level = level;
    this.#members = [];
    const count = bits.varint();
    const axes = count === 0 ? [] : [0, 1, 2].map(() => ({ low: bits.u(20) - 524_288, width: bits.u(5) }));
    const [v, g] = count === 0 ? [0, 0] : [bits.u(5), bits.u(5)];
    for (let entity = 0; this.#members.length < count; ) {
      entity += bits.golomb(g) + 1;
      const [x, y, z] = axes.map((axis) => axis.low + bits.u(axis.width)) as [number, number, number];
      const at: Row = [entity, x, y, z, bits.u(level[1]), bits.u(3), bits.u(1) === 1];
      const velocity: Member["velocity"] = [0, 0, 0];
      if (bits.u(1) === 1) {
        velocity[0] = bits.s(v);
        velocity[2] = bits.s(v);
        if (bits.u(1) === 1) velocity[1] = bits.s(v);
      }
      this.#members.push({ at, velocity });
    }
    return { tick: this.#tick, poses: this.#members.map((member) => scaled(member.at, level)) };
  }

  delta(payload: Uint8Array): { tick: number; poses: Row[] } {
    const bits = new Bits(payload);
    const d = bits.varint();
    const codes = this.#members.length === 0 ? [] : this.#codes(bits, d);
    const poses = this.#members.map(({ at, velocity }) => {
      const row: Row = [...at];
      for (const axis of [0, 1, 2] as const) row[axis + 1] = at[(axis + 1) as 1 | 2 | 3] + Math.floor((velocity[axis] * d + 16) / 32);
      const moving = velocity.some((part) => part !== 0) ? 1 : 0;
      this.#member(bits, codes, moving, row);
      return scaled(row, this.#level);
    });
    return { tick: this.#tick + d, poses };
  }

  #codes(bits: Bits, d: number): Map<string, number>[] {
    const age = d <= 3 ? 0 : d <= 8 ? 1 : d <= 14 ? 2 : 3;
    const trained = this.trained[4 * LEVELS.indexOf(this.#level) + age] as string[];
    const rows = bits.u(1) === 1 ? trained.map((row) => Array.from(row, Number)) : Array.from({ length: 6 }, () => bits.lengths());
    return rows.map((lengths) => bits.code(lengths));
  }

  #member(bits: Bits, codes: Map<string, number>[], moving: 0 | 1, row: Row): void {
    const places = codes[moving] as Map<string, number>;
    let symbol = bits.symbol(places);
    if (symbol === 15) {
      row[5] = bits.u(3);
      row[6] = bits.u(1) === 1;
      symbol = bits.symbol(places);
    }
    if (symbol === 14) {
      const zigzag = bits.golomb(2);
      row[2] += zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
      symbol = bits.symbol(places);
    }
    if (symbol === 0) return;
    const c = symbol - 1;
    if (c === 1) {
      const i = bits.u(3);
      const place = i >= 4 ? i + 1 : i;
      row[1] += Math.floor(place / 3) - 1;
      row[3] += (place % 3) - 1;
    } else if (c > 1) {
      row[1] += bits.u(c + 1) - (2 ** c - 1);
      row[3] += bits.u(c + 1) - (2 ** c - 1);
    }
    const k = bits.symbol(codes[2 + (moving === 0 ? 0 : c <= 1 ? 1 : c <= 4 ? 2 : 3)] as Map<string, number>);
    if (k === 0) return;
    const b = bits.u(k);
    row[4] = (row[4] + (b >= 2 ** (k - 1) ? b : b - (2 ** k - 1)) + 256) % 256;
  }
}
