import { type CallError, Close } from "@manyworlds/protocol";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Client, type ClientState, connect } from "./client.ts";
import { detail, FakeCore, FakeHost, FakeSocket, trackId } from "./fake_host.ts";
import { SILENT_MS } from "./link.ts";
import { memoryStore } from "./store.ts";

let host: FakeHost;
let core: FakeCore;
const open: Client[] = [];

beforeEach(() => {
  vi.useFakeTimers();
  host = new FakeHost();
  core = new FakeCore();
});
afterEach(() => {
  for (const client of open.splice(0)) client.close();
  vi.useRealTimers();
});

function options(store = memoryStore()) {
  return {
    url: "https://example.org",
    core,
    store,
    name: "Ada",
    language: "en" as const,
    WebSocket: FakeSocket as unknown as typeof WebSocket,
    fetch: () => Promise.resolve(new Response(new Uint8Array([1, 2, 3]))),
    random: () => 1,
  };
}

async function connected(store = memoryStore()): Promise<Client> {
  const client = await connect(options(store));
  open.push(client);
  return client;
}

const settle = () => vi.advanceTimersByTimeAsync(0);

describe("opening a session", () => {
  it("says who one is and keeps the token for the next time", async () => {
    const store = memoryStore();
    const client = await connected(store);
    expect(host.socket.url).toBe("wss://example.org/connect");
    expect(host.socket.protocols).toEqual(["manyworlds.1"]);
    expect(host.of("session.open")[0]).toMatchObject({ protocol: 1, name: "Ada", language: "en" });
    expect(client.visitor?.name).toBe("Ada");
    client.close();
    await connected(store);
    expect(host.of("session.open")[1]).toMatchObject({ resume: "token-1" });
  });

  it("tells plainly when the versions do not match, and does not try again", async () => {
    host.answers["session.open"] = () => {
      throw { code: -32000, message: "protocol 2 to 3 only", data: { min: 2, max: 3, yours: 1 } };
    };
    const error = (await connected().catch((reason: unknown) => reason)) as CallError;
    expect(error.data).toEqual({ reason: "version" });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(FakeSocket.all.length).toBe(1);
  });

  it("drops a name that the host refuses instead of locking the visitor out", async () => {
    const plain = host.answers["session.open"];
    host.answers["session.open"] = (params, socket) => {
      if (params["name"]) throw { code: -32602, message: "name: too long", data: { field: "name" } };
      return plain?.(params, socket);
    };
    const connecting = connected();
    await vi.advanceTimersByTimeAsync(3000);
    expect((await connecting).visitor?.name).toBe("Guest 1");
  });
});

describe("being in a world", () => {
  it("subscribes, and hears of people, things and words", async () => {
    const client = await connected();
    expect(await client.enter("plaza")).toBe(true);
    await settle();
    const place = client.place;
    expect(place?.player.epoch).toBe(3);
    expect(host.of("track.subscribe").map((params) => params["track"]).sort()).toEqual(
      ["world/plaza/chat", "world/plaza/people", "world/plaza/poses", "world/plaza/scene"].sort(),
    );
    const bo = { entity: 9, name: "Bo", simulated: false, role: "guest", appearance: {} };
    host.socket.frame(3, trackId("people"), [{ type: "snapshot", people: [bo] }]);
    host.socket.frame(3, trackId("people"), [{ type: "changed", person: { ...bo, name: "Bob" } }]);
    expect(place?.people.get(9)?.name).toBe("Bob");
    host.socket.frame(3, trackId("people"), [{ type: "left", entity: 9 }]);
    expect(place?.people.size).toBe(0);
    host.socket.frame(3, trackId("chat"), [{ type: "said", id: 1, entity: 9, name: "Bob", text: "hi", time_ms: 5 }]);
    expect(place?.chat.map((message) => message.text)).toEqual(["hi"]);
  });

  it("puts things where others can bump into them, and a snapshot replaces what one knew", async () => {
    const client = await connected();
    await client.enter("plaza");
    await client.place?.loadCollision();
    const bench = { entity: 30, model: "bench", position: [1, 0, 1], yaw: 1, scale: 1, by: "v1" };
    host.socket.frame(3, trackId("scene"), [{ type: "added", sequence: 1, entity: bench }]);
    await settle();
    expect(core.bodies.get(30)).toEqual({ x: 1, y: 0, z: 1, yaw: 1, scale: 1 });
    const gone: number[] = [];
    client.place?.on("thingRemoved", (entity) => gone.push(entity));
    host.socket.frame(3, trackId("scene"), [{ type: "snapshot", sequence: 9, entities: [{ ...bench, entity: 31 }] }]);
    await settle();
    expect(gone).toEqual([30]);
    expect([...core.bodies.keys()].sort()).toEqual([0, 31]);
    expect(client.place?.sceneSequence).toBe(9);
  });

  it("keeps frames that overtake the answer with their track's id", async () => {
    host.answers["track.subscribe"] = (params, socket) => {
      const id = trackId(String(params["track"]));
      if (id === trackId("chat")) socket.frame(3, id, [{ type: "snapshot", messages: [{ id: 1, entity: 2, name: "Bo", text: "early", time_ms: 1 }] }]);
      return { id, kind: "ordered" };
    };
    const client = await connected();
    await client.enter("plaza");
    await settle();
    expect(client.place?.chat.map((message) => message.text)).toEqual(["early"]);
  });

  it("draws others behind the host's clock, sends claims, and obeys corrections", async () => {
    const client = await connected();
    await client.enter("plaza");
    await settle();
    const pose = (tick: number, x: number) => new TextEncoder().encode(JSON.stringify({ tick, rows: [[9, x, 0, 0], [7, 0, 0, 0]] }));
    host.socket.frame(1, trackId("poses"), pose(10, 0), 1, 0);
    host.socket.frame(2, trackId("poses"), pose(11, 10), 1, 1);
    host.socket.frame(2, 999, pose(12, 20), 1, 1);
    expect(client.place?.avatars.newest, "a track that the host chose").toBe(12);
    const drawn = client.place?.sample(performance.now());
    expect(drawn?.count).toBe(1);
    client.update(performance.now());
    const claim = host.socket.binary.find((bytes) => bytes[0] === 16);
    expect(claim?.length).toBe(30);
    const correction = new Uint8Array(18);
    const view = new DataView(correction.buffer);
    view.setUint8(0, 4);
    view.setUint8(3, 2);
    view.setInt32(4, 50_000, true);
    host.socket.frame(4, 0, correction, 0, 0);
    expect(client.place?.player.epoch).toBe(4);
    expect(client.place?.player.state.x).toBe(50);
  });

  it("goes through a portal without a new connection", async () => {
    const client = await connected();
    await client.enter("plaza");
    const places: string[] = [];
    client.on("entered", (place) => places.push(place.detail.name));
    await client.enter("garden", { portal: "to-garden" });
    expect(host.of("world.enter")[1]).toEqual({ world: "garden", portal: "to-garden" });
    expect(places).toEqual(["garden"]);
    expect(FakeSocket.all.length).toBe(1);
  });
});

describe("the quality of a minute", () => {
  it("is reported once a minute of looking, and what is left when one goes on", async () => {
    host.answers["quality.report"] = () => ({ counted: 60 });
    const client = await connected();
    await client.enter("plaza");
    await settle();
    let tick = 0;
    const live = async (ms: number) => {
      for (let passed = 0; passed < ms; passed += 50) {
        await vi.advanceTimersByTimeAsync(50);
        host.socket.frame(1, trackId("poses"), { tick: ++tick, rows: [[9, 100, 0, 100, 0, 0]] });
        if (client.place) client.drew(performance.now(), client.place);
      }
    };
    await live(59_000);
    expect(host.of("quality.report")).toEqual([]);
    await live(2_000);
    expect(host.of("quality.report")).toHaveLength(1);
    expect(host.of("quality.report")[0]).toMatchObject({ world: "plaza", seconds: 60, stalled_percent: 0 });
    await live(9_000);
    await client.enter("garden");
    expect(host.of("quality.report")).toHaveLength(2);
    expect(host.of("quality.report")[1]).toMatchObject({ world: "plaza" });
    await live(20_000);
    client.close();
    expect(host.of("quality.report")[2]).toMatchObject({ world: "garden" });
  });

  it("is a stall, not a join, when the link breaks", async () => {
    host.answers["quality.report"] = () => ({ counted: 60 });
    const client = await connected();
    await client.enter("plaza");
    await settle();
    host.socket.frame(1, trackId("poses"), { tick: 1, rows: [[9, 100, 0, 100, 0, 0]] });
    for (let passed = 0; passed < 8000; passed += 50) {
      await vi.advanceTimersByTimeAsync(50);
      if (passed === 4000) host.socket.drop(1006);
      if (client.place) client.drew(performance.now(), client.place);
    }
    expect(client.state.kind).toBe("open");
    client.farewell();
    const [report] = host.of("quality.report");
    expect(report).toMatchObject({ world: "plaza" });
    expect(report?.["stalled_percent"]).toBeGreaterThan(90);
  });

  it("is nobody's where nothing is drawn", async () => {
    const client = await connected();
    await client.enter("plaza");
    await settle();
    await vi.advanceTimersByTimeAsync(4_000);
    client.close();
    expect(host.of("quality.report")).toEqual([]);
  });
});

describe("waiting for a place", () => {
  it("shows the position, and walks in when the host says so", async () => {
    host.answers["world.enter"] = () => ({ state: "waiting", position: 3, reason: "full" });
    const client = await connected();
    expect(await client.enter("plaza")).toBe(false);
    expect(client.queue).toEqual({ world: "plaza", position: 3, reason: "full" });
    host.socket.text({ jsonrpc: "2.0", method: "world.queue", params: { world: "plaza", position: 1, reason: "quality" } });
    expect(client.queue).toEqual({ world: "plaza", position: 1, reason: "quality" });
    host.socket.text({ jsonrpc: "2.0", method: "world.entered", params: { world: detail("plaza") } });
    expect(client.queue).toBeNull();
    expect(client.place?.detail.name).toBe("plaza");
  });
});

describe("giving up a wait", () => {
  it("stays where one stands", async () => {
    const plain = host.answers["world.enter"];
    const client = await connected();
    await client.enter("plaza");
    host.answers["world.enter"] = (params, socket) =>
      params["world"] === "garden" ? { state: "waiting", position: 2 } : plain?.(params, socket);
    await client.enter("garden");
    expect(client.queue).not.toBeNull();
    await client.leave();
    expect(client.queue).toBeNull();
    expect(host.of("world.leave")).toEqual([]);
    expect(client.place?.detail.name).toBe("plaza");
  });
});

describe("a lost link", () => {
  it("comes back by itself with the same token to the same world", async () => {
    const client = await connected();
    await client.enter("garden", { portal: "gate" });
    const states: ClientState["kind"][] = [];
    client.on("state", (state) => states.push(state.kind));
    host.socket.drop(1006);
    expect(client.state).toMatchObject({ kind: "lost", attempt: 1, draining: false });
    await vi.advanceTimersByTimeAsync(600);
    expect(states).toEqual(["lost", "open"]);
    expect(host.of("session.open")[1]).toMatchObject({ resume: "token-1" });
    expect(host.of("world.enter")[1]).toEqual({ world: "garden" });
    expect(client.place?.detail.name).toBe("garden");
  });

  it("waits longer each time, up to a bound, and counts the attempts", async () => {
    const client = await connected();
    host.down = true;
    const pauses: number[] = [];
    client.on("state", (state) => state.kind === "lost" && pauses.push(state.retryMs));
    host.socket.drop(1006);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(pauses.slice(0, 6)).toEqual([500, 1000, 2000, 4000, 8000, 10_000]);
    host.down = false;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(client.state.kind).toBe("open");
    host.socket.drop(1006);
    expect(client.state).toMatchObject({ attempt: 1, retryMs: 500 });
  });

  it("is noticed when nothing comes for long, though no close was seen", async () => {
    const client = await connected();
    await vi.advanceTimersByTimeAsync(SILENT_MS + 1000);
    expect(client.state.kind === "lost" || FakeSocket.all.length > 1).toBe(true);
  });

  it("is begun anew after bytes that are no frames", async () => {
    const client = await connected();
    host.socket.onmessage?.({ data: new Uint8Array([3, 255, 255, 255, 255, 255, 255]).buffer });
    expect(client.state.kind).toBe("lost");
    await vi.advanceTimersByTimeAsync(600);
    expect(client.state.kind).toBe("open");
  });

  it("fails the calls that were under way", async () => {
    const client = await connected();
    host.answers["chat.say"] = () => undefined;
    const said = client.call("chat.say", { text: "hello" }).catch((error: unknown) => error);
    host.socket.drop(1006);
    expect(((await said) as CallError).key).toBe("disconnected");
  });

  it("tells a restart of the host from a broken link", async () => {
    const client = await connected();
    host.socket.drop(Close.goingAway);
    expect(client.state).toMatchObject({ kind: "lost", draining: true });
  });

  it.each([
    [Close.replaced, "replaced"],
    [Close.removed, "removed"],
    [Close.version, "version"],
  ])("does not come back after close %i", async (code, reason) => {
    const client = await connected();
    host.socket.text({ jsonrpc: "2.0", method: "visitor.removed", params: { reason: "because", minutes: 10 } });
    host.socket.drop(code, "because");
    expect(client.state).toEqual({ kind: "ended", reason, detail: "because" });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(FakeSocket.all.length).toBe(1);
  });

  it("comes back as a guest when the operator's token is not known any more", async () => {
    const plain = host.answers["session.open"];
    const client = await connected();
    host.answers["operator.claim"] = () => ({ token: "op", role: "operator" });
    await client.claimOperator("once");
    expect(client.visitor?.role).toBe("operator");
    host.answers["session.open"] = (params, socket) => {
      if (params["operator"]) throw { code: -32001, message: "operator" };
      return plain?.(params, socket);
    };
    host.socket.drop(1006);
    await vi.advanceTimersByTimeAsync(5000);
    expect(client.state.kind).toBe("open");
  });
});
