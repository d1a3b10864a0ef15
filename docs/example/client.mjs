// A complete small client, written from the text of schema/ alone: node client.mjs [ws://127.0.0.1:8080] [world] [seconds]
// It walks in as a guest, greets, walks ahead, and prints who is where and what is said. Node 22, nothing to install.
const [host = "ws://127.0.0.1:8080", world = "plaza", seconds = "5"] = process.argv.slice(2);
const socket = new WebSocket(`${host}/connect`, ["manyworlds.1"]);
socket.binaryType = "arraybuffer";
// Calls: JSON-RPC 2.0 in text messages (schema/calls.md).
const [waiting, names] = [new Map(), new Map()];
const call = (method, params) => new Promise((resolve, reject) => {
  waiting.set(waiting.size + 1, { resolve, reject });
  socket.send(JSON.stringify({ jsonrpc: "2.0", id: waiting.size, method, params }));
});

// Bytes are read as bits, the highest first; a varint is LEB128; golomb is an exponential Golomb code of order k.
const reader = (bytes) => {
  let at = 0;
  const take = (n) => { let v = 0; for (; n > 0; n--, at++) v = v * 2 + ((bytes[at >> 3] >> (7 - (at & 7))) & 1); return v; };
  const varint = () => { let v = 0, scale = 1, byte; do { byte = take(8); v += (byte & 127) * scale; scale *= 128; } while (byte > 127); return v; };
  const golomb = (k) => { let n = 0; while (take(1)) n++; return (2 ** n - 1) * 2 ** k + take(k + n); };
  return { take, varint, golomb, slice: (length) => bytes.subarray(at / 8, (at += length * 8) / 8), more: () => at < bytes.length * 8 };
};

// A message holds one frame or more: header, then payload (schema/frames.md).
function* frames(bytes) {
  for (const { take, varint, slice, more } = reader(bytes); more(); ) {
    yield { kind: take(8), track: varint(), group: varint(), sequence: varint(), payload: slice(varint()) };
  }
}
// A keyframe of poses. Deltas and rekeys, which tell only what differs, are left out here: subscribing anew brings a keyframe.
function keyframe(payload) {
  const { take, varint, golomb } = reader(payload);
  const [tick, level, count, poses] = [varint(), varint(), varint(), []];
  const [step, turn] = [[0.01, 8], [0.02, 7], [0.04, 6], [0.08, 5], [0.16, 5]][level]; // metres of a unit, bits of a direction
  const axes = [0, 1, 2].map(() => ({ low: take(20) - 2 ** 19, width: take(5) })), [speedWidth, order] = [take(5), take(5)];
  for (let entity = 0; poses.length < count; ) {
    entity += golomb(order) + 1;
    const [x, y, z] = axes.map((axis) => (axis.low + take(axis.width)) * step);
    poses.push({ entity, x, y, z, yaw: (take(turn) / 2 ** turn) * 2 * Math.PI, animation: take(3), speaking: take(1) });
    if (take(1)) { take(2 * speedWidth); if (take(1)) take(speedWidth); } // the velocity, which only deltas need
  }
  return { tick, poses };
}

socket.onmessage = ({ data }) => {
  if (typeof data === "string") {
    const { id, result, error } = JSON.parse(data);
    return error ? waiting.get(id)?.reject(new Error(`${error.code}: ${error.message}`)) : waiting.get(id)?.resolve(result);
  }
  for (const { kind, payload } of frames(new Uint8Array(data))) {
    if (kind === 1) for (const p of keyframe(payload).poses) console.log(names.get(p.entity) ?? p.entity, "at", p.x, p.y, p.z);
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
  if (socket.send(claim), i % 10 < 9) continue; // once a second, all poses anew:
  for (const method of ["track.unsubscribe", "track.subscribe"]) await call(method, { track: detail.tracks.poses });
}
socket.close(1000);
