// A reader of poses for the small client, written from schema/frames.md, "Poses", and nothing else: keyframes, rekeys and deltas
// of one track. `trained` are the rows of schema/vectors/pose_codes.json. It checks nothing: what it reads comes from a host that
// one trusts. A member is { at: [entity, x, y, z, yaw, animation, speaking], velocity: [x, y, z] } in steps of the level.

class Bits {
  #at = 0;
  #bytes;

  constructor(bytes) {
    this.#bytes = bytes;
  }

  u(n) {
    let value = 0;
    for (; n > 0; n--, this.#at++) value = value * 2 + (((this.#bytes[this.#at >> 3] ?? 0) >> (7 - (this.#at & 7))) & 1);
    return value;
  }

  s(n) {
    const value = this.u(n);
    return n > 0 && value >= 2 ** (n - 1) ? value - 2 ** n : value;
  }

  golomb(k) {
    let n = 0;
    while (this.u(1) === 1) n++;
    return (2 ** n - 1) * 2 ** k + this.u(k + n);
  }

  varint() {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.u(8);
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  }

  /** A number of class k, its sign among the k bits. */
  classed(k) {
    const value = this.u(k);
    return k === 0 || value >= 2 ** (k - 1) ? value : value - (2 ** k - 1);
  }

  lengths() {
    return Array.from({ length: this.u(5) }, () => this.u(3));
  }

  /** A prefix code: codewords as text, by symbol. */
  code(lengths) {
    const words = new Map();
    let next = 0;
    for (let length = 1; length <= 7; length++, next *= 2) {
      lengths.forEach((l, symbol) => {
        if (l === length) words.set((next++).toString(2).padStart(length, "0"), symbol);
      });
    }
    return words;
  }

  symbol(code) {
    let word = "";
    while (word.length < 8) {
      word += this.u(1);
      const symbol = code.get(word);
      if (symbol !== undefined) return symbol;
    }
    throw new Error("no codeword");
  }
}

const unzigzag = (v) => (v % 2 === 0 ? v / 2 : -(v + 1) / 2);

/** Step of places in cm, bits of a direction. */
const LEVELS = [[1, 8], [2, 7], [4, 6], [8, 5], [16, 5]];

function scaled([entity, x, y, z, yaw, ...rest], [step, bits]) {
  return [entity, x * step, y * step, z * step, (yaw * 2 ** (8 - bits)) % 256, ...rest];
}

/** Sines of 256ths of a turn, and tangents of half of them, in 1/16384. */
const sine = (i) => Math.round(16384 * Math.sin((i / 128) * Math.PI));
const cosine = (i) => sine(i + 64);
const halfTangent = (i) => Math.round(16384 * Math.tan((i / 256) * Math.PI));
const shift = (value, bits) => Math.floor((value + 2 ** (bits - 1)) / 2 ** bits);
const byte = (value) => ((value % 256) + 256) % 256;
const signed = (value) => byte(value + 128) - 128;

/** What lies so far along a direction and aside of it, as x and z. */
function place(along, aside, direction) {
  const quarter = Math.floor((direction + 32) / 64) % 4;
  const rest = ((direction + 32) % 64) - 32;
  let [z, x] = [along, aside];
  z -= shift(x * halfTangent(rest), 14);
  x += shift(z * sine(rest), 14);
  z -= shift(x * halfTangent(rest), 14);
  for (let i = 0; i < quarter; i++) [z, x] = [-x, z];
  return [x, z];
}

export class Poses {
  #tick = 0;
  #level = LEVELS[0];
  #members = [];
  #trained;

  constructor(trained) {
    this.#trained = trained;
  }

  keyframe(payload) {
    const bits = new Bits(payload);
    this.#tick = bits.varint();
    const level = LEVELS[bits.varint()];
    if (!level) throw new Error("no such level");
    this.#level = level;
    this.#members = this.#list(bits, bits.varint());
    return this.#drawn();
  }

  rekey(payload) {
    const bits = new Bits(payload);
    const d = bits.varint();
    const [left, came] = [bits.varint(), bits.varint()];
    const gone = new Set();
    const order = left > 0 ? bits.u(5) : 0;
    for (let next = 0; gone.size < left; next++) {
      next += bits.golomb(order);
      gone.add(next);
    }
    const before = this.#members.filter((_, place) => !gone.has(place));
    const codes = before.length === 0 ? [] : this.#codes(bits, d, 13);
    this.#members = before.map((member) => {
      const at = this.#member(bits, codes, d, member);
      return { at, velocity: this.#velocity(bits, codes, member, at) };
    });
    this.#members.push(...this.#list(bits, came));
    this.#members.sort((a, b) => a.at[0] - b.at[0]);
    this.#tick += d;
    return this.#drawn();
  }

  delta(payload) {
    const bits = new Bits(payload);
    const d = bits.varint();
    const codes = this.#members.length === 0 ? [] : this.#codes(bits, d, 9);
    const poses = this.#members.map((member) => scaled(this.#member(bits, codes, d, member), this.#level));
    return { tick: this.#tick + d, poses };
  }

  #drawn() {
    return { tick: this.#tick, poses: this.#members.map((member) => scaled(member.at, this.#level)) };
  }

  #list(bits, count) {
    const members = [];
    if (count === 0) return members;
    const axes = [0, 1, 2].map(() => ({ low: bits.u(20) - 524_288, width: bits.u(5) }));
    const [v, g] = [bits.u(5), bits.u(5)];
    for (let entity = 0; members.length < count; ) {
      entity += bits.golomb(g) + 1;
      const [x, y, z] = axes.map((axis) => axis.low + bits.u(axis.width));
      const at = [entity, x, y, z, bits.u(this.#level[1]), bits.u(3), bits.u(1) === 1];
      const velocity = [0, 0, 0];
      if (bits.u(1) === 1) {
        velocity[0] = bits.s(v);
        velocity[2] = bits.s(v);
        if (bits.u(1) === 1) velocity[1] = bits.s(v);
      }
      members.push({ at, velocity });
    }
    return members;
  }

  #codes(bits, d, count) {
    const age = d <= 3 ? d - 1 : d <= 5 ? 3 : d <= 8 ? 4 : d <= 12 ? 5 : d <= 20 ? 6 : 7;
    const trained = this.#trained[8 * LEVELS.indexOf(this.#level) + age];
    const own = bits.u(1) === 0;
    return trained.slice(0, count).map((row) => bits.code(own ? bits.lengths() : Array.from(row, Number)));
  }

  /** Where a member is now, in steps of the level. */
  #member(bits, codes, d, { at, velocity }) {
    const row = [...at];
    const moved = velocity.some((part) => part !== 0);
    const lead = codes[moved ? 2 : 0];
    row[2] += Math.floor((velocity[1] * d + 16) / 32);
    let symbol = bits.symbol(lead);
    if (symbol === 15) {
      row[5] = bits.u(3);
      row[6] = bits.u(1) === 1;
      symbol = bits.symbol(lead);
    }
    if (symbol === 14) {
      row[2] += unzigzag(bits.golomb(2));
      symbol = bits.symbol(lead);
    }
    return moved ? this.#moved(bits, codes, d, symbol, row, velocity) : this.#stood(bits, codes, symbol, row);
  }

  #stood(bits, codes, symbol, row) {
    if (symbol === 0) return row;
    const c = symbol - 1;
    if (c === 1) {
      const i = bits.u(3);
      const neighbour = i >= 4 ? i + 1 : i;
      row[1] += Math.floor(neighbour / 3) - 1;
      row[3] += (neighbour % 3) - 1;
    } else if (c > 1) {
      row[1] += bits.u(c + 1) - (2 ** c - 1);
      row[3] += bits.u(c + 1) - (2 ** c - 1);
    }
    row[4] = byte(row[4] + bits.classed(bits.symbol(codes[1])));
    return row;
  }

  #moved(bits, codes, d, symbol, row, [vx, , vz]) {
    const bucket = (c) => (c <= 1 ? 0 : c <= 3 ? 1 : 2);
    const unit = 2 ** (8 - this.#level[1]);
    const before = row[4] * unit;
    let [turn, along, aside] = [0, 0, 0];
    if (symbol !== 9) {
      const steps = bits.classed(symbol);
      turn = signed(steps * unit);
      row[4] += steps;
      const c = bits.symbol(codes[3 + bucket(symbol)]);
      aside = bits.classed(c);
      along = bits.classed(bits.symbol(codes[6 + bucket(c)]));
    }
    row[4] = byte(row[4] * unit) / unit;
    const [s, c] = [sine(byte(turn)), 16384 + cosine(byte(turn))];
    const [x, z] = place(along, aside, byte(before + Math.floor(turn / 2)));
    row[1] += shift(d * (vx * c + vz * s), 20) + x;
    row[3] += shift(d * (vz * c - vx * s), 20) + z;
    return row;
  }

  #velocity(bits, codes, { at, velocity: [vx, vy, vz] }, now) {
    const moved = [vx, vy, vz].some((part) => part !== 0) ? 1 : 0;
    const speeds = codes[9 + moved];
    let symbol = bits.symbol(speeds);
    if (symbol === 15) return [0, 0, 0];
    let y = vy;
    if (symbol === 14) {
      y += unzigzag(bits.golomb(4));
      symbol = bits.symbol(speeds);
    }
    const unit = 2 ** (8 - this.#level[1]);
    const turn = byte((now[4] - at[4]) * unit);
    const [s, c] = [sine(turn), cosine(turn)];
    const along = bits.classed(symbol);
    const [x, z] = place(along, bits.classed(bits.symbol(codes[11 + moved])), now[4] * unit);
    return [shift(vx * c + vz * s, 14) + x, y, shift(vz * c - vx * s, 14) + z];
  }
}
