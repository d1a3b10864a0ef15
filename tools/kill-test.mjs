// Kills a host with SIGKILL at random moments while edits run, many times, and looks after each restart whether everything
// that was acknowledged is there and nothing is half done.
//   tools/with-node node tools/kill-test.mjs [--server build/release/manyworlds] [--kills 100] [--seed 1]
// Exits with 0 when all is well. Every edit goes by POST /rpc with an operator's token.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const flag = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`);
  return at > 0 ? process.argv[at + 1] : fallback;
};
const server = flag("server", "build/release/manyworlds");
const kills = Number(flag("kills", "100"));
let seed = Number(flag("seed", "1")) >>> 0;
const random = () => {  // mulberry32: the same seed gives the same moments, as far as a machine allows
  seed = (seed + 0x6d2b79f5) >>> 0;
  let t = Math.imul(seed ^ (seed >>> 15), seed | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
};
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

const folder = mkdtempSync(join(tmpdir(), "manyworlds-kill-"));
const ready = join(folder, "ready");
let child = null;
let token = null;
let base = "";

function makeWorld() {
  const world = join(folder, "worlds", "flat");
  mkdirSync(world, { recursive: true });
  const bytes = Buffer.alloc(60);
  [-50, 0, -50, -50, 0, 50, 50, 0, 50, 50, 0, -50].forEach((v, i) => bytes.writeFloatLE(v, i * 4));
  [0, 1, 2, 0, 2, 3].forEach((v, i) => bytes.writeUInt16LE(v, 48 + i * 2));
  writeFileSync(join(world, "floor.gltf"), JSON.stringify({
    asset: { version: "2.0" }, scene: 0, scenes: [{ nodes: [0] }], nodes: [{ mesh: 0 }],
    meshes: [{ primitives: [{ attributes: { POSITION: 0 }, indices: 1 }] }],
    buffers: [{ byteLength: 60, uri: "data:application/octet-stream;base64," + bytes.toString("base64") }],
    bufferViews: [{ buffer: 0, byteOffset: 0, byteLength: 48 }, { buffer: 0, byteOffset: 48, byteLength: 12 }],
    accessors: [{ bufferView: 0, componentType: 5126, count: 4, type: "VEC3", min: [-50, 0, -50], max: [50, 0, 50] },
                { bufferView: 1, componentType: 5123, count: 6, type: "SCALAR" }],
  }));
  writeFileSync(join(world, "world.toml"), 'name = "flat"\n[title]\nen = "Flat"\nzh = "平地"\n[description]\nen = "A floor"\nzh = "地面"\n' +
    '[scene]\nfile = "floor.gltf"\n[spawn]\nposition = [0, 0, 0]\n');
}

async function call(method, params) {
  const response = await fetch(base + "rpc", {
    method: "POST",
    headers: { "content-type": "application/json", ...(token ? { authorization: `Bearer ${token}` } : {}) },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
  });
  const answer = await response.json();
  if (answer.error) throw Object.assign(new Error(answer.error.message ?? String(answer.error)), { answered: true, code: answer.error.code });
  return answer.result;
}

async function start() {
  rmSync(ready, { force: true });
  child = spawn(server, ["serve", join(folder, "worlds"), "--data", join(folder, "data"), "--port", "0", "--ready-file", ready,
    "--qr", "false", "--log-level", "warning"], { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (text) => { said += text; });
  for (let i = 0; i < 1200 && !existsSync(ready); ++i) {
    if (child.exitCode !== null) throw new Error(`the host did not start: ${said}`);
    await sleep(25);
  }
  const [port, , link] = readFileSync(ready, "utf8").split("\n");
  base = `http://127.0.0.1:${port}/`;
  if (!token) token = (await call("operator.claim", { token: link.split("#operator=")[1] })).token;
}

async function kill() {
  const ended = new Promise((done) => child.once("exit", done));
  child.kill("SIGKILL");
  await ended;
}

// What must be there: entity -> thing as acknowledged, null for acknowledged removals. `open` are edits without an answer.
const certain = new Map();
let open = [];
let acknowledged = 0;

async function edit(running) {
  const known = [...certain].filter(([entity, thing]) => thing && !open.some((one) => one.entity === entity));
  const position = [Math.round(random() * 80000 - 40000) / 1000, 0, Math.round(random() * 80000 - 40000) / 1000];
  const choice = known.length === 0 ? 0 : random();
  const one = choice < 0.5 ? { kind: "add", model: "bench", position }
    : choice < 0.8 ? { kind: "change", entity: known[Math.floor(random() * known.length)][0], position }
    : { kind: "remove", entity: known[Math.floor(random() * known.length)][0] };
  open.push(one);
  try {
    const { kind, ...params } = one;
    const result = await call(`entity.${kind}`, { world: "flat", ...params });
    if (kind === "add") certain.set(result.entity, { position });
    if (kind === "change") certain.set(one.entity, { position });
    if (kind === "remove") certain.set(one.entity, null);
    acknowledged = Math.max(acknowledged, result.sequence);
    open.splice(open.indexOf(one), 1);
  } catch (error) {
    if (error.answered && error.code !== -32006) throw error;  // the host answered no: a mistake of this test or of the host
    if (error.answered) { open.splice(open.indexOf(one), 1); await sleep(50); return; }
    running.on = false;
  }
}

const same = (a, b) => a.every((value, i) => Math.abs(value - b[i]) < 1e-6);

function check(list) {
  const there = new Map(list.entities.map((thing) => [thing.entity, thing]));
  if (list.sequence < acknowledged) throw new Error(`sequence ${list.sequence} is older than acknowledged ${acknowledged}`);
  for (const [entity, expected] of certain) {
    const asked = open.filter((one) => one.entity === entity);
    const thing = there.get(entity);
    const fits = [(expected === null && !thing), (expected && thing && same(thing.position, expected.position)),
      ...asked.map((one) => (one.kind === "remove" ? !thing : thing && same(thing.position, one.position)))];
    if (!fits.some(Boolean)) throw new Error(`thing ${entity}: acknowledged ${JSON.stringify(expected)}, found ${JSON.stringify(thing)}`);
  }
  for (const [entity, thing] of there) {
    if (thing.model !== "bench" || thing.position.length !== 3 || thing.scale !== 1) throw new Error(`half done: ${JSON.stringify(thing)}`);
    if (certain.has(entity)) continue;
    if (!open.some((one) => one.kind === "add" && same(one.position, thing.position))) throw new Error(`nobody added ${JSON.stringify(thing)}`);
  }
  certain.clear();  // what is there now was read back: from here on it is certain, whoever it was from
  for (const [entity, thing] of there) certain.set(entity, { position: thing.position });
  open = [];
}

makeWorld();
const began = Date.now();
try {
  await start();
  for (let round = 1; round <= kills; ++round) {
    const running = { on: true };
    const editors = Array.from({ length: 8 }, async () => { while (running.on) await edit(running); });
    await sleep(20 + random() * 380);
    await kill();
    await Promise.all(editors);
    await start();
    check(await call("entity.list", { world: "flat" }));
    if (round % 10 === 0) console.log(`${round} kills, ${acknowledged} edits acknowledged, ${certain.size} things, nothing lost`);
  }
  console.log(`${kills} kills in ${((Date.now() - began) / 1000).toFixed(0)} s: nothing acknowledged was lost, nothing was half done`);
} catch (error) {
  console.error(`kill test failed: ${error.message}`);
  process.exitCode = 1;
} finally {
  if (child && child.exitCode === null) await kill();
  rmSync(folder, { recursive: true, force: true });
}
