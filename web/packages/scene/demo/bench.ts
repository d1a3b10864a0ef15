// What the crowd costs the script each frame, without a browser: `node --experimental-transform-types
// packages/scene/demo/bench.ts`. Processor time, so that other work on the machine does not count.

import { defaultExtras } from "../src/crowd/looks.ts";
import { People } from "../src/crowd/people.ts";
import { Tiers } from "../src/crowd/tiers.ts";
import { layOut } from "../src/crowd/vat.ts";
import { plans } from "../src/quality.ts";

const rules = {
  clips: layOut(22, [5, 0.96, 0.66, 0.9, 5, 2.4, 1, 2, 5]).clips,
  walkSpeed: 1.4,
  runSpeed: 4,
  modelHeight: 1.75,
};
const frames = 400;

for (const count of [1000, 5000, 10000]) {
  const people = new People(256, rules, defaultExtras);
  const tiers = new Tiers();
  const floats = () => new Float32Array(count);
  const rows = {
    count,
    fresh: new Uint8Array(count).fill(1),
    entity: Uint32Array.from({ length: count }, (_, i) => i + 1),
    x: floats().map((_, i) => ((i * 7919) % 1200) / 10 - 60),
    y: floats(),
    z: floats().map((_, i) => ((i * 104729) % 1200) / 10 - 60),
    yaw: floats().map((_, i) => i % 6),
    animation: new Uint8Array(count).map((_, i) => i % 3),
    speed: floats().map((_, i) => (i % 3) * 1.5),
    speaking: new Uint8Array(count),
  };
  // A view of 90 degrees along -z from the middle of the square.
  const h = Math.SQRT1_2;
  const planes = Float32Array.of(-h, 0, -h, 0, h, 0, -h, 0, 0, 1, 0, 9, 0, -1, 0, 9, 0, 0, -1, 0);
  const eye = { x: 0, y: 1.7, z: 0, planes };
  const frame = () => {
    people.update(rows, null, 1 / 60);
    tiers.reserve(people.capacity);
    tiers.sort(people, eye, plans.high.crowd, 1400, -1);
  };
  for (let i = 0; i < 100; i++) frame();
  const before = process.cpuUsage();
  for (let i = 0; i < frames; i++) frame();
  const used = process.cpuUsage(before);
  const milliseconds = (used.user + used.system) / 1000 / frames;
  console.log(
    JSON.stringify({ people: count, milliseconds: +milliseconds.toFixed(3), perLevel: Array.from(tiers.counts) }),
  );
}
