// The numbered seats of a stadium, from the plan that its file brings: the browser's own of src/kit/seats.cpp, which the host
// places spectators by. Both agree within a millimetre. Pure; tested against numbers of the host.

import { scramble } from "./looks.ts";

/** m: of the seats' front edge behind their row's, the gap of an aisle, and from seat to seat at most. */
const seatFront = 0.38;
const aisleWidth = 1.2;
const pitchMost = 0.54;
const sides = 8;
const most = 80_000;
const quarter = Math.PI / 2;

export interface Seats {
  count: number;
  /** x, y, z and yaw of each. */
  place: Float32Array;
}

type Row = [offset: number, floor: number, seats: number[]];
interface Tier {
  sectors: number[];
  rows: Row[];
}
interface Ring {
  halfX: number;
  halfZ: number;
  radius: number;
}

const finite = (list: unknown, length: number): list is number[] =>
  Array.isArray(list) && list.length === length && list.every(Number.isFinite);

function readTier(value: unknown): Tier | null {
  const { sectors, rows } = (value ?? {}) as { sectors?: unknown; rows?: unknown };
  if (!finite(sectors, sides) || !Array.isArray(rows)) return null;
  const count = sectors.reduce((sum, n) => sum + n, 0);
  const good = rows.every((row) => Array.isArray(row) && finite(row.slice(0, 2), 2) && finite(row[2], count));
  return good ? { sectors, rows: rows as Row[] } : null;
}

/** Where a share of one side lies, `offset` metres outside the ring, and the yaw of the way outwards. */
function spot(ring: Ring, side: number, share: number, offset: number): [number, number, number] {
  const corners = [[1, 1], [1, -1], [-1, -1], [-1, 1]] as const;
  const at = side >> 1;
  const corner = side % 2 === 1;
  const yaw = quarter * (at + (corner ? share : 0));
  const to = corners[at % 4]!;
  const from = corners[(at + 3) % 4]!;
  const t = corner ? 1 : share;
  const far = ring.radius + offset;
  return [
    (from[0] + (to[0] - from[0]) * t) * ring.halfX + far * Math.sin(yaw),
    (from[1] + (to[1] - from[1]) * t) * ring.halfZ + far * Math.cos(yaw),
    yaw,
  ];
}

function sideLength(ring: Ring, side: number, offset: number): number {
  if (side % 2 === 1) return quarter * (ring.radius + offset);
  return 2 * (side % 4 === 0 ? ring.halfX : ring.halfZ);
}

/** Null where the file has no plan, or one that is not good. */
export function readSeats(asset: unknown): Seats | null {
  const plan = (asset as { extras?: { manyworlds?: { seats?: { ring?: unknown; tiers?: unknown[] } } } }).extras?.manyworlds?.seats;
  if (!plan || !finite(plan.ring, 3) || !Array.isArray(plan.tiers)) return null;
  const [halfX, halfZ, radius] = plan.ring as [number, number, number];
  const ring = { halfX, halfZ, radius };
  const tiers = plan.tiers.map(readTier);
  const out: number[] = [];
  for (const tier of tiers) {
    if (!tier) return null;
    let sector = 0;
    tier.sectors.forEach((here, side) => {
      for (let i = 0; i < here; i++, sector++) {
        for (const row of tier.rows) addRow(out, ring, side, i / here, (i + 1) / here, row, row[2][sector]!);
      }
    });
    if (out.length > most * 4) return null;
  }
  return { count: out.length / 4, place: new Float32Array(out) };
}

function addRow(out: number[], ring: Ring, side: number, from: number, to: number, row: Row, seats: number): void {
  const line = row[0] + seatFront;
  const length = sideLength(ring, side, line);
  const pitch = Math.min((length * (to - from) - aisleWidth) / Math.max(seats, 1), pitchMost);
  for (let i = 0; i < seats; i++) {
    const along = ((i - (seats - 1) / 2) * pitch) / length;
    const [x, z, outwards] = spot(ring, side, (from + to) / 2 + along, line);
    const yaw = outwards - Math.PI;
    out.push(x, row[1], z, yaw > Math.PI ? yaw - 2 * Math.PI : yaw);
  }
}

/** Whether a seat of a full house stays free: kit::is_spare. */
export function isSpare(seat: number, count: number, spare: number): boolean {
  const firstOf = (run: number) => Math.ceil((run * count) / spare);
  const run = Math.floor((seat * spare) / count);
  return seat === firstOf(run) + (scramble(run) % (firstOf(run + 1) - firstOf(run)));
}
