// A complete small client, written from the text of schema/ alone: node client.mjs [ws://127.0.0.1:8080] [world] [seconds]
// It walks in as a guest, greets, walks ahead, and prints who is where and what is said. Node 22, nothing to install.
import { readFileSync } from "node:fs";
import { Poses } from "./poses.mjs";

const [host = "ws://127.0.0.1:8080", world = "plaza", seconds = "5"] = process.argv.slice(2);
const socket = new WebSocket(`${host}/connect`, ["manyworlds.1"]);
socket.binaryType = "arraybuffer";
// Calls: JSON-RPC 2.0 in text messages (schema/calls.md).
const [waiting, names] = [new Map(), new Map()];
const call = (method, params) => new Promise((resolve, reject) => {
  waiting.set(waiting.size + 1, { resolve, reject });
  socket.send(JSON.stringify({ jsonrpc: "2.0", id: waiting.size, method, params }));
});

// Bytes are read as bits, the highest first; a varint is LEB128.
const reader = (bytes) => {
  let at = 0;
  const take = (n) => { let v = 0; for (; n > 0; n--, at++) v = v * 2 + ((bytes[at >> 3] >> (7 - (at & 7))) & 1); return v; };
  const varint = () => { let v = 0, scale = 1, byte; do { byte = take(8); v += (byte & 127) * scale; scale *= 128; } while (byte > 127); return v; };
  return { take, varint, slice: (length) => bytes.subarray(at / 8, (at += length * 8) / 8), more: () => at < bytes.length * 8 };
};

// A message holds one frame or more: header, then payload (schema/frames.md).
function* frames(bytes) {
  for (const { take, varint, slice, more } = reader(bytes); more(); ) {
    yield { kind: take(8), track: varint(), group: varint(), sequence: varint(), payload: slice(varint()) };
  }
}
// Poses come in keyframes (kind 1), rekeys (7) and deltas (2), on as many tracks as the host likes; poses.mjs reads one. Who is in none
// of them for 20 ticks is gone, and aggregates (6) only count who is far away: here both are left out.
const [{ codes }, tracks, places] = [JSON.parse(readFileSync(new URL("../../schema/vectors/pose_codes.json", import.meta.url))), new Map(), new Map()];
function poses({ kind, track, payload }) {
  if (!tracks.has(track)) tracks.set(track, new Poses(codes));
  const reader = tracks.get(track);
  const { tick, poses } = kind === 1 ? reader.keyframe(payload) : kind === 7 ? reader.rekey(payload) : reader.delta(payload);
  for (const [entity, ...cm] of poses) if (tick >= (places.get(entity)?.tick ?? 0)) places.set(entity, { tick, at: cm.slice(0, 3).map((v) => v / 100) });
}

socket.onmessage = ({ data }) => {
  if (typeof data === "string") {
    const { id, result, error } = JSON.parse(data);
    return error ? waiting.get(id)?.reject(new Error(`${error.code}: ${error.message}`)) : waiting.get(id)?.resolve(result);
  }
  for (const frame of frames(new Uint8Array(data))) {
    const { kind, track, payload } = frame;
    if (kind === 1 || kind === 2 || kind === 7) poses(frame);
    if (kind === 8) tracks.delete(track);
    if (kind === 3) for (const event of JSON.parse(new TextDecoder().decode(payload))) {
      for (const person of event.people ?? (event.person ? [event.person] : [])) names.set(person.entity, person.name);
      for (const said of event.messages ?? (event.type === "said" ? [event] : [])) console.log(`${said.name}: ${said.text}`);
    }
    if (kind === 4) console.log("the host put me back");
  }
};
socket.onclose = socket.onerror = ({ code, reason }) => process.exit(code === 1000 ? 0 : (console.error(`closed: ${code ?? "no connection"} ${reason ?? ""}`), 1));
await new Promise((open) => (socket.onopen = open));

const { visitor } = await call("session.open", { protocol: 1, language: "en" });
const { state, world: detail } = await call("world.enter", { world });
if (state !== "entered") throw new Error("the world is full");
for (const track of Object.values(detail.tracks)) await call("track.subscribe", { track });
console.log(`I am ${visitor.name}, entity ${detail.entity}, in ${detail.title.en}`);
await call("chat.say", { text: "Hello from a small client" });

// Pose claims, ten a second: walking ahead at 1 m/s for a second, then standing (schema/frames.md, "Pose claim").
const { position: [x, y, z], yaw } = detail.place;
const claim = new DataView(new ArrayBuffer(30));
for (let i = 0; i < seconds * 10; i++, await new Promise((later) => setTimeout(later, 100))) {
  const [way, speed] = [Math.min(i, 10) / 10, i < 10 ? 1 : 0];
  claim.setUint8(0, 16), claim.setUint8(1, detail.epoch), claim.setUint16(2, i, true), claim.setUint32(4, i * 100, true);
  [x + way * Math.sin(yaw), y, z + way * Math.cos(yaw)].forEach((v, k) => claim.setInt32(8 + 4 * k, Math.round(v * 1000), true));
  [speed * Math.sin(yaw), 0, speed * Math.cos(yaw)].forEach((v, k) => claim.setInt16(20 + 2 * k, Math.round(v * 1000), true));
  claim.setUint16(26, Math.round((yaw / 2 / Math.PI) * 65536) & 65535, true), claim.setUint8(28, 0), claim.setUint8(29, 1);
  if (socket.send(claim), i % 10 === 9) for (const [entity, { at }] of places) console.log(names.get(entity) ?? entity, "at", ...at);
}
socket.close(1000);
