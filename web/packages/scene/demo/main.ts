// A page to look at the scene without a host: models come from a folder of the kit, people are made up. The address
// says what to show:
// ?world=plaza&mood=golden&people=60&quality=high&x=0&z=12&yaw=3.1&pitch=-0.1&distance=3.2&spread=20&still=1
// `window.demo` lets a script step it frame by frame.

import type { Mood, Person, WorldDetail } from "@manyworlds/protocol";
import { createScene, type AvatarColumns, type Quality, type SceneView, type SelfState } from "../src/index.ts";
import { scramble } from "../src/crowd/looks.ts";

const query = new URLSearchParams(location.search);
const number = (name: string, otherwise: number) => Number(query.get(name) ?? otherwise);
const text = (name: string, otherwise: string) => query.get(name) ?? otherwise;

const accents: Record<string, string> = { plaza: "#2A9D8F", garden: "#6A994E" };

/** x, y, z, yaw. */
type Site = [number, number, number, number];

interface Sites {
  spawn?: Site;
  gates?: Site[];
}

async function json<T>(url: string): Promise<T | null> {
  const response = await fetch(url);
  return response.ok ? ((await response.json()) as T) : null;
}

function detailOf(world: string, sites: Sites, models: string[]): WorldDetail {
  const title = { en: world === "plaza" ? "The Plaza" : "The Garden", zh: "广场" };
  const other = world === "plaza" ? "garden" : "plaza";
  const to = [{ world: other, scene: `/kit/${other}.glb`, mood: "morning" }, { url: "https://worlds.example.org/" }];
  const spawn: Site = sites.spawn ?? [0, 0, 12, Math.PI];
  const titles = [
    { en: "The Garden", zh: "花园" },
    { en: "Elsewhere", zh: "别处" },
  ];
  return {
    name: world,
    title,
    description: title,
    accent: accents[world] ?? "#4C5FD5",
    capacity: 1000,
    entity: 1,
    epoch: 0,
    place: { position: [spawn[0], spawn[1], spawn[2]], yaw: spawn[3] },
    rules: {} as WorldDetail["rules"],
    sky: { mood: text("mood", "golden") as Mood },
    scene: { url: `/kit/${world}.glb`, collision: `/kit/${world}.collision.bin` },
    person: { url: "/kit/person.glb" },
    models: models.map((name) => ({ name, title, url: `/kit/models/${name}.glb`, collision: null })),
    portals: (sites.gates ?? []).slice(0, 2).map(([x, y, z, yaw], i) => ({
      id: `gate${i}`,
      title: titles[i]!,
      to: to[i]!,
      position: [x, y, z],
      yaw,
      width: 2.6,
      height: 3,
    })),
    tracks: { poses: "", people: "", chat: "", scene: "" },
    tick_hz: 20,
    may: { edit: true, operate: false },
  };
}

class MadeUpPeople implements AvatarColumns {
  count: number;
  fresh: Uint8Array;
  entity: Uint32Array;
  x: Float32Array;
  y: Float32Array;
  z: Float32Array;
  yaw: Float32Array;
  animation: Uint8Array;
  speed: Float32Array;
  speaking: Uint8Array;
  private readonly home: Float32Array;

  constructor(
    count: number,
    spread: number,
    private readonly still: boolean,
    centre: [number, number, number],
  ) {
    this.count = count;
    this.fresh = new Uint8Array(count).fill(1);
    this.entity = new Uint32Array(count);
    [this.x, this.y, this.z, this.yaw, this.speed] = Array.from({ length: 5 }, () => new Float32Array(count)) as [
      Float32Array,
      Float32Array,
      Float32Array,
      Float32Array,
      Float32Array,
    ];
    this.animation = new Uint8Array(count);
    this.speaking = new Uint8Array(count);
    this.home = new Float32Array(count * 3);
    for (let i = 0; i < count; i++) {
      const h = scramble(i + 17);
      const angle = ((h & 0xffff) / 0xffff) * Math.PI * 2;
      const radius = spread * Math.sqrt(((h >>> 16) + 0.5) / 0x10000);
      this.entity[i] = i + 2;
      this.home.set(
        [centre[0] + Math.sin(angle) * radius, centre[2] + Math.cos(angle) * radius, 0.6 + 3 * ((h & 255) / 255)],
        i * 3,
      );
      const kind = scramble(i + 99) % 10;
      this.animation[i] = kind < 4 ? 1 : kind < 5 ? 2 : kind < 8 ? 0 : [5, 6, 7][scramble(i) % 3]!;
      this.speed[i] = this.animation[i] === 1 ? 1.1 + 0.5 * ((h & 255) / 255) : this.animation[i] === 2 ? 3.6 : 0;
      this.speaking[i] = kind === 5 ? 1 : 0;
      this.y[i] = centre[1];
    }
    this.move(0);
  }

  /** Walkers go round in circles; the others stand about, in twos and threes. */
  move(seconds: number): void {
    for (let i = 0; i < this.count; i++) {
      const [hx, hz, radius] = [this.home[3 * i]!, this.home[3 * i + 1]!, this.home[3 * i + 2]!];
      const phase = (scramble(i) & 1023) / 163;
      const angle = phase + (this.speed[i]! * (this.still ? 0 : seconds)) / radius;
      const moving = this.speed[i]! > 0;
      this.x[i] = hx + (moving ? Math.sin(angle) * radius : 0);
      this.z[i] = hz + (moving ? Math.cos(angle) * radius : 0);
      this.yaw[i] = moving ? angle + Math.PI / 2 : phase;
    }
  }
}

function furnish(view: SceneView): void {
  for (const [i, model] of text("things", "").split(",").filter(Boolean).entries()) {
    const position: [number, number, number] = [number("tx", 0) + 3 * i, 0, number("tz", 6)];
    view.setThing({ entity: 5000 + i, model, position, yaw: 0.4, scale: 1, name: model, colour: text("colour", "") });
  }
  if (query.has("highlight")) view.highlight(number("highlight", 0));
  if (!query.has("ghost")) return;
  view.ghost(text("ghost", "bench"), { position: [number("gx", 0), 0, number("gz", 20)], yaw: 0.3, scale: 1 });
}

function oneself(spawn: WorldDetail["place"]): SelfState {
  return {
    entity: 1,
    x: number("x", spawn.position[0]),
    y: number("y", spawn.position[1]),
    z: number("z", spawn.position[2]),
    yaw: number("yaw", spawn.yaw),
    animation: number("animation", 0),
    speed: number("speed", 0),
    grounded: true,
  };
}

/** Mean cost of a frame with so many people; best on a small canvas, where the graphics card has nothing to do. */
function measured(view: SceneView, people: MadeUpPeople, step: (ms: number) => void, count: number, frames: number) {
  people.count = Math.min(count, people.entity.length);
  for (let i = 0; i < 20; i++) step(16);
  let script = 0;
  for (let i = 0; i < frames; i++) {
    const before = performance.now();
    step(16);
    script += performance.now() - before;
  }
  const { drawCalls, triangles } = view.stats();
  return { people: people.count, frameMs: script / frames, drawCalls, triangles, crowd: view.crowdCost() };
}

function play(view: SceneView, canvas: HTMLCanvasElement, step: (ms: number) => void): void {
  const panel = document.getElementById("stats")!;
  canvas.addEventListener("pointermove", (e) => e.buttons && view.look(e.movementX, e.movementY));
  canvas.addEventListener("wheel", (e) => view.zoom(Math.sign(e.deltaY)));
  let last = performance.now();
  const loop = (now: number) => {
    step(now - last);
    last = now;
    const s = view.stats();
    panel.textContent =
      `${s.fps.toFixed(0)} fps · ${s.scriptMs.toFixed(2)} ms · ${s.drawCalls} calls · ` +
      `${s.triangles} triangles · ${s.avatars} people · ${s.quality}`;
    requestAnimationFrame(loop);
  };
  requestAnimationFrame(loop);
}

async function run(): Promise<void> {
  const world = text("world", "plaza");
  const canvas = document.getElementById("canvas") as HTMLCanvasElement;
  const view: SceneView = await createScene({
    canvas,
    quality: text("quality", "high") as Quality | "auto",
    reducedMotion: text("motion", "1") === "0",
    base: "",
  });
  const sites = (await json<Sites>(`/kit/${world}.json`)) ?? {};
  const models = (await json<string[]>("/kit/models/index.json")) ?? [];
  const looks = (await json<Person["appearance"][]>("/kit/looks.json")) ?? [];
  const detail = detailOf(world, sites, models);
  await view.load(detail, () => {});
  const spawn = detail.place;
  const centre: [number, number, number] = [number("cx", 0), number("cy", 0), number("cz", 0)];
  const people = new MadeUpPeople(number("people", 60), number("spread", 18), query.has("still"), centre);
  for (let i = 0; i <= people.count; i++) {
    const appearance = looks[i % Math.max(looks.length, 1)];
    if (appearance) view.setPerson({ entity: i + 1, name: `Person ${i}`, simulated: true, role: "guest", appearance });
  }
  furnish(view);
  const self = query.has("noself") ? null : oneself(spawn);
  let time = 0;
  const step = (milliseconds: number) => {
    time += milliseconds;
    people.move(time / 1000);
    view.frame(time, people, self);
  };
  step(16);
  view.setCamera({
    distance: number("distance", 3.2),
    yaw: number("yaw", spawn.yaw) + number("turn", 0),
    pitch: number("pitch", -0.1),
    mode: text("mode", "third") as "third",
  });
  addEventListener("resize", () => view.resize());
  const report = () => {
    const s = view.stats();
    return { ...s, labels: view.labels(24).length };
  };
  // To compare tone mappings: three.js's number of one.
  if (query.has("tone"))
    (view as unknown as { renderer: { toneMapping: number } }).renderer.toneMapping = number("tone", 6);
  const measure = (count: number, frames: number) => measured(view, people, step, count, frames);
  Object.assign(window, { demo: { view, step, report, people, measure } });
  if (!query.has("stepped")) play(view, canvas, step);
  document.title = "ready";
}

void run().catch((error: unknown) => {
  document.title = "failed";
  console.error(error);
});
