export interface FrameHeader {
  kind: number;
  track: number;
  group: number;
  sequence: number;
  length: number;
}
export const FrameKind = { poseKeyframe: 1, poseDelta: 2, events: 3, correction: 4, clock: 5, poseClaim: 16, clockPing: 17 } as const;
export function readFrames(bytes: Uint8Array, each: (header: FrameHeader, payload: Uint8Array) => void): boolean {
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = bytes[at++];
      if (byte === undefined) return -1;
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
    return -1;
  };
  while (at < bytes.length) {
    const kind = bytes[at++] as number;
    const [track, group, sequence, length] = [varint(), varint(), varint(), varint()] as [number, number, number, number];
    if (track < 0 || group < 0 || sequence < 0 || length < 0 || at + length > bytes.length) return false;
    each({ kind, track, group, sequence, length }, bytes.subarray(at, at + length));
    at += length;
  }
  return true;
}
export function encodeClaim(c: import("./player.ts").Claim): Uint8Array<ArrayBuffer> {
  const v = new DataView(new ArrayBuffer(30));
  v.setUint8(0, 16);
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
  return new Uint8Array(v.buffer);
}
export function encodeClockPing(time: number): Uint8Array<ArrayBuffer> {
  const v = new DataView(new ArrayBuffer(5));
  v.setUint8(0, 17);
  v.setUint32(1, time, true);
  return new Uint8Array(v.buffer);
}
const view = (p: Uint8Array) => new DataView(p.buffer, p.byteOffset, p.byteLength);
export function decodeClockAnswer(p: Uint8Array) {
  if (p.length !== 12) return null;
  const v = view(p);
  return { time_ms: v.getUint32(0, true), tick: v.getUint32(4, true), since_tick_us: v.getUint32(8, true) };
}
export function decodeCorrection(p: Uint8Array) {
  if (p.length !== 18) return null;
  const v = view(p);
  return {
    epoch: v.getUint8(0), sequence: v.getUint16(1, true), reason: v.getUint8(3),
    x_mm: v.getInt32(4, true), y_mm: v.getInt32(8, true), z_mm: v.getInt32(12, true), yaw: v.getUint16(16, true),
  };
}
