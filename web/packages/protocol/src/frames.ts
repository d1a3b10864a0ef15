// The binary messages between client and host (schema/frames.md), but for the poses, which wasm.ts decodes.

export const FrameKind = {
  poseKeyframe: 1,
  poseDelta: 2,
  events: 3,
  correction: 4,
  clock: 5,
  poseAggregate: 6,
  poseRekey: 7,
  poseEnd: 8,
  poseClaim: 16,
  clockPing: 17,
} as const;

/** Whether a frame belongs to a poses track. */
export function isPoseKind(kind: number): boolean {
  const { poseKeyframe, poseDelta, poseRekey, poseAggregate, poseEnd } = FrameKind;
  return kind === poseKeyframe || kind === poseDelta || kind === poseRekey || kind === poseAggregate || kind === poseEnd;
}

export interface FrameHeader {
  /** One of FrameKind, or a number that a newer host knows: skip those. */
  kind: number;
  track: number;
  group: number;
  sequence: number;
  /** Of the payload, bytes. */
  length: number;
}

/** Reads an unsigned LEB128 number of at most 32 bits; null when it is cut off or too large. */
function readVarint(bytes: Uint8Array, at: number): { value: number; next: number } | null {
  let value = 0;
  for (let i = 0; i < 5; i++) {
    const byte = bytes[at + i];
    if (byte === undefined || (i === 4 && byte > 0x0f)) return null;
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return { value, next: at + i + 1 };
  }
  return null;
}

function readHeader(bytes: Uint8Array, at: number): { header: FrameHeader; next: number } | null {
  const kind = bytes[at];
  if (kind === undefined) return null;
  const fields: number[] = [];
  let next = at + 1;
  for (let i = 0; i < 4; i++) {
    const field = readVarint(bytes, next);
    if (!field) return null;
    fields.push(field.value);
    next = field.next;
  }
  const [track, group, sequence, length] = fields as [number, number, number, number];
  return { header: { kind, track, group, sequence, length }, next };
}

/** Calls `each` for every frame of one message. False when the bytes are no frames; those before were reported. */
export function readFrames(bytes: Uint8Array, each: (header: FrameHeader, payload: Uint8Array) => void): boolean {
  let at = 0;
  while (at < bytes.length) {
    const read = readHeader(bytes, at);
    if (!read || read.next + read.header.length > bytes.length) return false;
    at = read.next + read.header.length;
    each(read.header, bytes.subarray(read.next, at));
  }
  return true;
}

const view = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** The events of an ordered track; null when the payload is not a JSON array. */
export function decodeEvents(payload: Uint8Array): { type: string; [key: string]: unknown }[] | null {
  try {
    const events: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(payload));
    return Array.isArray(events) ? events : null;
  } catch {
    return null;
  }
}

export interface PoseClaim {
  epoch: number;
  sequence: number;
  time_ms: number;
  x_mm: number;
  y_mm: number;
  z_mm: number;
  vx_mm_s: number;
  vy_mm_s: number;
  vz_mm_s: number;
  /** 65536 steps a turn. */
  yaw: number;
  gesture: number;
  grounded: boolean;
}

export function encodeClaim(c: PoseClaim): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(30);
  const v = view(bytes);
  v.setUint8(0, FrameKind.poseClaim);
  v.setUint8(1, c.epoch);
  v.setUint16(2, c.sequence, true);
  v.setUint32(4, c.time_ms, true);
  v.setInt32(8, c.x_mm, true);
  v.setInt32(12, c.y_mm, true);
  v.setInt32(16, c.z_mm, true);
  v.setInt16(20, c.vx_mm_s, true);
  v.setInt16(22, c.vy_mm_s, true);
  v.setInt16(24, c.vz_mm_s, true);
  v.setUint16(26, c.yaw, true);
  v.setUint8(28, c.gesture);
  v.setUint8(29, c.grounded ? 1 : 0);
  return bytes;
}

export function encodeClockPing(time_ms: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(5);
  bytes[0] = FrameKind.clockPing;
  view(bytes).setUint32(1, time_ms, true);
  return bytes;
}

export interface ClockAnswer {
  /** Of the ping. */
  time_ms: number;
  /** The host's newest tick, and how long ago it began. */
  tick: number;
  since_tick_us: number;
}

export function decodeClockAnswer(payload: Uint8Array): ClockAnswer | null {
  if (payload.length !== 12) return null;
  const v = view(payload);
  return { time_ms: v.getUint32(0, true), tick: v.getUint32(4, true), since_tick_us: v.getUint32(8, true) };
}

export const CorrectionReason = { tooFast: 1, wall: 2, flying: 3, bounds: 4, placed: 5 } as const;

export interface Correction {
  epoch: number;
  /** Of the claim that was refused. */
  sequence: number;
  reason: number;
  x_mm: number;
  y_mm: number;
  z_mm: number;
  yaw: number;
}

export function decodeCorrection(payload: Uint8Array): Correction | null {
  if (payload.length !== 18) return null;
  const v = view(payload);
  const reason = v.getUint8(3);
  if (reason < CorrectionReason.tooFast || reason > CorrectionReason.placed) return null;
  return {
    epoch: v.getUint8(0),
    sequence: v.getUint16(1, true),
    reason,
    x_mm: v.getInt32(4, true),
    y_mm: v.getInt32(8, true),
    z_mm: v.getInt32(12, true),
    yaw: v.getUint16(16, true),
  };
}
