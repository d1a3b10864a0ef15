import { expect, test } from "vitest";
import {
  decodeClockAnswer, decodeCorrection, decodeEvents, encodeClaim, encodeClockPing, type FrameHeader, FrameKind, readFrames,
} from "./frames.ts";
import { type FrameVectors, hex, unhex, vectors } from "./testing.ts";

const golden = vectors<FrameVectors>("frames.json");

function single(text: string): { header: FrameHeader; payload: Uint8Array } {
  const found: { header: FrameHeader; payload: Uint8Array }[] = [];
  expect(readFrames(unhex(text), (header, payload) => found.push({ header, payload }))).toBe(true);
  expect(found).toHaveLength(1);
  return found[0] as { header: FrameHeader; payload: Uint8Array };
}

test("claims and pings have the golden bytes", () => {
  for (const { hex: bytes, claim } of golden.claims) expect(hex(encodeClaim(claim))).toBe(bytes);
  for (const { hex: bytes, time_ms } of golden.pings) expect(hex(encodeClockPing(time_ms))).toBe(bytes);
});

test("corrections and clock answers are read", () => {
  for (const { hex: bytes, correction } of golden.corrections) {
    const { header, payload } = single(bytes);
    expect(header).toMatchObject({ kind: FrameKind.correction, track: 0, group: 0, sequence: 0 });
    expect(decodeCorrection(payload)).toEqual(correction);
    expect(decodeCorrection(payload.subarray(1))).toBeNull();
  }
  for (const { hex: bytes, clock } of golden.clocks) {
    const { header, payload } = single(bytes);
    expect(header.kind).toBe(FrameKind.clock);
    expect(decodeClockAnswer(payload)).toEqual(clock);
    expect(decodeClockAnswer(payload.subarray(1))).toBeNull();
  }
});

test("a correction for an unknown reason is refused", () => {
  const { payload } = single((golden.corrections[0] as { hex: string }).hex);
  const changed = payload.slice();
  changed[3] = 6;
  expect(decodeCorrection(changed)).toBeNull();
  changed[3] = 0;
  expect(decodeCorrection(changed)).toBeNull();
});

test("events are read, and nothing else passes for them", () => {
  for (const { hex: bytes, track, sequence, events } of golden.events) {
    const { header, payload } = single(bytes);
    expect(header).toMatchObject({ kind: FrameKind.events, track, sequence });
    expect(decodeEvents(payload)).toEqual(events);
  }
  for (const text of ["{}", "[1", "", '"x"']) expect(decodeEvents(new TextEncoder().encode(text))).toBeNull();
  expect(decodeEvents(Uint8Array.of(0x5b, 0x22, 0xff, 0x22, 0x5d))).toBeNull();
});

test("a message holds several frames; those of unknown kinds have a length, too", () => {
  const unknown = Uint8Array.of(99, 1, 0, 0, 2, 7, 7);
  const known = unhex((golden.clocks[0] as { hex: string }).hex);
  const message = new Uint8Array([...unknown, ...known]);
  const kinds: number[] = [];
  expect(readFrames(message, ({ kind }) => kinds.push(kind))).toBe(true);
  expect(kinds).toEqual([99, FrameKind.clock]);
});

test("what is cut off or too long is refused, whatever stood before", () => {
  for (const bytes of golden.refused_frames) expect(readFrames(unhex(bytes), () => {})).toBe(false);
  const known = unhex((golden.clocks[0] as { hex: string }).hex);
  for (let length = 1; length < known.length; length++) expect(readFrames(known.subarray(0, length), () => {})).toBe(false);
  expect(readFrames(new Uint8Array(), () => {})).toBe(true);
});
