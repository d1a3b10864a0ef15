// One real client of the SDK in the crowd: does everybody arrive, how often, how old.
//   node probe.mjs PORT SECONDS
// Prints one line of JSON. The load's first client tells its time in `y`: milliseconds of the monotonic clock, modulo 2^20.
import { Client } from "@colyseus/sdk";

const [port, seconds] = process.argv.slice(2).map(Number);
const room = await new Client(`http://127.0.0.1:${port}`).join("crowd");
const ages = [];
let patches = 0;
let begin = 0;
const moved = new Set();
let last = new Map();
room.onStateChange((state) => {
  const now = performance.now();
  if (begin === 0) begin = now;
  patches++;
  const clock = Number(process.hrtime.bigint() / 1000n) / 1000 % 2 ** 20;
  state.players.forEach((player, id) => {
    if (player.y > 0 && last.get(`${id}y`) !== player.y) {
      last.set(`${id}y`, player.y);
      ages.push((clock - player.y + 2 ** 20) % 2 ** 20);
    }
    const before = last.get(id);
    if (before !== undefined && before !== player.x) moved.add(id);
    last.set(id, player.x);
  });
});
setTimeout(() => {
  ages.sort((a, b) => a - b);
  const at = (share) => ages.length === 0 ? null : Math.round(ages[Math.floor(share * (ages.length - 1))] * 10) / 10;
  const elapsed = (performance.now() - begin) / 1000;
  console.log(JSON.stringify({
    players: room.state.players.size, moved: moved.size, patches_hz: Math.round(patches / elapsed * 100) / 100,
    age_p50_ms: at(0.5), age_p99_ms: at(0.99),
  }));
  process.exit(0);
}, seconds * 1000);
