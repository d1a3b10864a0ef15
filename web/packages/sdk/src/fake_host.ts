// A host for tests: answers calls as a script says, over sockets that never leave the process.

import type { Core, DecodedPoses, MotionInput, MotionState, WorldDetail } from "@manyworlds/protocol";

type Answer = (params: Record<string, unknown>, socket: FakeSocket) => unknown;

export class FakeSocket {
  static readonly all: FakeSocket[] = [];
  static host: FakeHost;
  binaryType = "";
  readyState = 0;
  bufferedAmount = 0;
  readonly binary: Uint8Array[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  onerror: (() => void) | null = null;

  constructor(
    readonly url: string,
    readonly protocols: string[],
  ) {
    FakeSocket.all.push(this);
    queueMicrotask(() => {
      if (FakeSocket.host.down) return this.drop(1006);
      this.readyState = 1;
      this.onopen?.();
    });
  }

  send(data: string | Uint8Array): void {
    if (typeof data === "string") FakeSocket.host.receive(this, data);
    else this.binary.push(data);
  }

  close(code = 1000): void {
    this.drop(code);
  }

  /** The host's end goes away. */
  drop(code: number, reason = ""): void {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.onclose?.({ code, reason });
  }

  text(message: unknown): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  frame(kind: number, track: number, payload: Uint8Array | unknown, group = 1, sequence = 0): void {
    const bytes = payload instanceof Uint8Array ? payload : new TextEncoder().encode(JSON.stringify(payload));
    const varint = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)]);
    const head = [kind, ...varint(track), ...varint(group), ...varint(sequence), ...varint(bytes.length)];
    this.onmessage?.({ data: new Uint8Array([...head, ...bytes]).buffer });
  }
}

export class FakeHost {
  down = false;
  readonly calls: { method: string; params: Record<string, unknown> }[] = [];
  readonly answers: Record<string, Answer> = {
    "session.open": (params) => ({
      protocol: 1,
      host: { name: "Test", version: "0" },
      visitor: { id: "v1", name: params["name"] ?? "Guest 1", role: "guest", appearance: {} },
      resume: "token-1",
      worlds: [],
    }),
    "world.enter": (params) => ({ state: "entered", world: detail(String(params["world"])) }),
    "world.leave": () => ({}),
    "track.subscribe": (params) => ({ id: trackId(String(params["track"])), kind: "ordered" }),
    "track.unsubscribe": () => ({}),
  };

  constructor() {
    FakeSocket.host = this;
    FakeSocket.all.length = 0;
  }

  get socket(): FakeSocket {
    return FakeSocket.all[FakeSocket.all.length - 1] as FakeSocket;
  }

  of(method: string): Record<string, unknown>[] {
    return this.calls.filter((call) => call.method === method).map((call) => call.params);
  }

  receive(socket: FakeSocket, text: string): void {
    const { id, method, params } = JSON.parse(text) as { id: number; method: string; params: Record<string, unknown> };
    this.calls.push({ method, params });
    const answer = this.answers[method];
    if (!answer) return socket.text({ jsonrpc: "2.0", id, error: { code: -32601, message: "no such call" } });
    try {
      const result = answer(params, socket);
      if (result !== undefined) socket.text({ jsonrpc: "2.0", id, result });
    } catch (error) {
      socket.text({ jsonrpc: "2.0", id, error });
    }
  }
}

const TRACKS = ["people", "poses", "scene", "chat"];
export function trackId(name: string): number {
  return 200 + TRACKS.indexOf(name.split("/").pop() ?? "");
}

export const RULES = {
  walk_speed: 1.8,
  run_speed: 5,
  jump_speed: 4.6,
  gravity: 9.81,
  acceleration: 30,
  air_control: 0.35,
  radius: 0.3,
  height: 1.7,
  step_height: 0.35,
  slope_cos: 0.64,
  floor_y: -50,
};

export function detail(name: string): WorldDetail {
  return {
    name,
    title: { en: name, zh: name },
    description: { en: "", zh: "" },
    accent: "#2a9d8f",
    capacity: 10,
    entity: 7,
    epoch: 3,
    place: { position: [1, 0, 2], yaw: 0 },
    rules: RULES,
    sky: { mood: "golden" },
    scene: { url: `/worlds/${name}/scene.glb`, collision: `/worlds/${name}/collision.bin` },
    person: { url: "/people/person.glb" },
    models: [{ name: "bench", title: { en: "Bench", zh: "长椅" }, url: "/models/bench.glb", collision: "/models/bench.collision.bin" }],
    portals: [],
    tracks: Object.fromEntries(TRACKS.map((track) => [track, `world/${name}/${track}`])) as WorldDetail["tracks"],
    tick_hz: 20,
    may: { edit: true, operate: false },
  };
}

/** Walks at walk or run speed at once, falls never; poses are JSON. */
export class FakeCore implements Core {
  readonly bodies = new Map<number, unknown>();

  createPoseReader() {
    let read = poses(0, []);
    const take = (_kind: number, _track: number, _group: number, payload: Uint8Array): boolean => {
      const { tick, rows } = JSON.parse(new TextDecoder().decode(payload)) as { tick: number; rows: number[][] };
      read = poses(tick, rows);
      return true;
    };
    return { take, poses: () => read, aggregates: () => [], dispose: () => undefined };
  }

  createMover() {
    return {
      setRules: () => undefined,
      setBody: (body: number, _: Uint8Array, placement?: unknown) => {
        this.bodies.set(body, placement ?? null);
        return true;
      },
      removeBody: (body: number) => void this.bodies.delete(body),
      step: (state: MotionState, input: MotionInput) => {
        const speed = input.run ? RULES.run_speed : RULES.walk_speed;
        state.vx = input.moveX * speed;
        state.vz = input.moveZ * speed;
        state.x += state.vx / 60;
        state.z += state.vz / 60;
      },
      dispose: () => undefined,
    };
  }
}

/** Rows of [entity, x cm, y cm, z cm, yaw, animation]. */
export function poses(tick: number, rows: number[][]): DecodedPoses {
  const column = (index: number) => rows.map((row) => row[index] ?? 0);
  return {
    tick,
    count: rows.length,
    entity: Uint32Array.from(column(0)),
    x: Int32Array.from(column(1)),
    y: Int32Array.from(column(2)),
    z: Int32Array.from(column(3)),
    yaw: Uint8Array.from(column(4)),
    animation: Uint8Array.from(column(5)),
    speaking: new Uint8Array(rows.length),
    ticks: new Uint32Array(rows.length).fill(tick),
    levels: new Uint8Array(rows.length),
  };
}
