// A visitor's connection to one host: session, calls, the world one stands in, and coming back after a lost link with the
// same identity. Runs in browsers and in Node: it needs WebSocket, fetch and performance, and nothing else.

import {
  CallError,
  type Calls,
  type ChatEvent,
  Close,
  type Core,
  ErrorCode,
  isNotification,
  type Language,
  type Notification,
  type PeopleEvent,
  PROTOCOL,
  RpcClient,
  type SceneEvent,
  type Visitor,
  type WorldDetail,
  type WorldSummary,
} from "@manyworlds/protocol";
import {
  type FrameHeader,
  FrameKind,
  isPoseKind,
  decodeClockAnswer,
  CorrectionReason,
  decodeCorrection,
  decodeEvents,
  encodeClaim,
  encodeClockPing,
  readFrames,
} from "@manyworlds/protocol/frames.ts";
import { ClockSync } from "./clock.ts";
import { Emitter } from "./emitter.ts";
import { Link } from "./link.ts";
import { Place } from "./place.ts";
import { QualityMeter } from "./quality.ts";
import { memoryStore, type Store } from "./store.ts";

export type EndReason = "replaced" | "removed" | "version" | "refused";

export type ClientState =
  | { kind: "connecting" }
  | { kind: "open" }
  /** `draining`: the host said goodbye (it restarts or is upgraded). */
  | { kind: "lost"; attempt: number; retryMs: number; draining: boolean }
  | { kind: "ended"; reason: EndReason; detail: string };

/** `reason`: no place is free, or one more would break the promise of quality for those inside. */
export interface Queue {
  world: string;
  position: number;
  reason: "full" | "quality";
}

export interface ClientEvents {
  state: ClientState;
  visitor: Visitor;
  worlds: readonly WorldSummary[];
  /** One stands in a world: after entering, after waiting in its queue, and again after a reconnection. */
  entered: Place;
  /** Waiting for a place; null when that is over. */
  queue: Queue | null;
  corrected: { reason: number };
  notification: Notification;
}

export interface ClientOptions {
  /** Origin of the host, "https://example.org". */
  url: string;
  core: Core;
  name?: string;
  language?: Language;
  /** Bearer of an operator, from operator.claim. */
  operator?: string;
  store?: Store;
  WebSocket?: typeof WebSocket;
  fetch?: (url: string) => Promise<Response>;
  random?: () => number;
  callTimeoutMs?: number;
  /** When the wish to enter began, for the first world: 0 is the start of the page. By default the call of `enter`. */
  joinFrom?: number;
}

type Track = "poses" | "people" | "chat" | "scene";
const TRACKS: readonly Track[] = ["people", "poses", "scene", "chat"];
const UPKEEP_MS = 500;
const PING_MS = 3000;
const FIRST_PINGS = 5;
const EARLY_FRAMES = 64;
const CHOKED_BYTES = 4096;

export class Client extends Emitter<ClientEvents> {
  state: ClientState = { kind: "connecting" };
  visitor: Visitor | null = null;
  host: { name: string; version: string } | null = null;
  worlds: readonly WorldSummary[] = [];
  place: Place | null = null;
  queue: Queue | null = null;
  readonly clock = new ClockSync(50);
  /** What one sees, for `quality.report`; measured while somebody calls `drew` for each frame. */
  readonly quality = new QualityMeter();

  private readonly rpc = new RpcClient();
  private readonly link: Link;
  private readonly store: Store;
  private readonly resumeKey: string;
  private upkeepTimer: ReturnType<typeof setInterval> | undefined;
  /** Of the tracks that are subscribed: id in frames to name. */
  private readonly tracks = new Map<number, { place: Place; track: Track }>();
  private early: { header: FrameHeader; payload: Uint8Array }[] = [];
  /** Where one wants to be, so that a reconnection leads there. */
  private wanted: Calls["world.enter"]["params"] | null = null;
  private pings = 0;
  private lastPing = Number.NEGATIVE_INFINITY;
  private draining = false;
  private joinFrom: number | null;
  private removedBecause = "";

  constructor(private readonly options: ClientOptions) {
    super();
    this.joinFrom = options.joinFrom ?? null;
    this.store = options.store ?? memoryStore();
    this.resumeKey = `manyworlds.resume ${options.url}`;
    const url = new URL("/connect", options.url);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    this.link = new Link(
      { url: url.href, WebSocket: options.WebSocket, random: options.random },
      {
        up: () => void this.hello(),
        text: (text) => this.onText(text),
        binary: (bytes) => this.onBinary(bytes),
        down: (code, reason, attempt, retryMs) => this.onDown(code, reason, attempt, retryMs),
      },
    );
  }

  start(): void {
    this.link.open();
    this.upkeepTimer ??= setInterval(() => this.upkeep(), UPKEEP_MS);
  }

  /** Leaves for good. The place is given up at once, not after the host's time of grace. */
  close(): void {
    clearInterval(this.upkeepTimer);
    this.upkeepTimer = undefined;
    this.farewell();
    this.quality.leave();
    this.dropPlace();
    this.link.close();
    this.rpc.abandon();
  }

  retryNow(): void {
    this.link.retryNow();
  }

  call<M extends keyof Calls>(method: M, params: Calls[M]["params"], timeoutMs?: number): Promise<Calls[M]["result"]> {
    if (!this.link.connected) {
      return Promise.reject(new CallError(ErrorCode.disconnected, "not connected", undefined, method));
    }
    const timeout = timeoutMs ?? this.options.callTimeoutMs ?? 10_000;
    const { text, result } = this.rpc.call(method, params, performance.now(), timeout);
    if (text) this.link.send(text);
    return result;
  }

  /** Goes to a world. Resolves at once with false when one has to wait; `entered` follows then. */
  async enter(world: string, options: { portal?: string; spawn?: string; beside?: string } = {}): Promise<boolean> {
    this.joinFrom ??= performance.now();
    const answer = await this.call("world.enter", { world, ...options });
    // After a break one comes back to where one stood, not through the portal again.
    this.wanted = { world };
    if (answer.state === "waiting") {
      this.joinFrom = null; // the turn in the queue is no part of the join
      this.setQueue({ world, position: answer.position, reason: answer.reason });
      return false;
    }
    this.arrive(answer.world);
    return true;
  }

  /** Stops waiting and stays where one stands, or leaves the world. */
  async leave(): Promise<void> {
    const stay = this.queue && this.place ? this.place.detail.name : null;
    this.wanted = null;
    this.setQueue(null);
    if (stay) {
      // Entering where one already is finds the place as it was, and gives up the wait elsewhere.
      await this.enter(stay);
      return;
    }
    this.farewell();
    this.quality.leave();
    this.dropPlace();
    await this.call("world.leave", {});
  }

  /** Changes what one is called, looks like or reads. */
  async change(change: Calls["visitor.change"]["params"]): Promise<Visitor> {
    return this.setVisitor(await this.call("visitor.change", change));
  }

  async setLanguage(language: Language): Promise<void> {
    this.options.language = language;
    this.setVisitor(await this.call("visitor.change", { language }));
  }

  /** Claims the one-time token of an operator link; the session is an operator's afterwards, also after a reconnection. */
  async claimOperator(token: string): Promise<string> {
    const answer = await this.call("operator.claim", { token });
    this.options.operator = answer.token;
    if (this.visitor) this.setVisitor({ ...this.visitor, role: answer.role });
    return answer.token;
  }

  /** Keeps a newer token of the visitor that one is. */
  keep(resume: string): void {
    this.store.set(this.resumeKey, resume);
  }

  /** Comes back as the visitor of this token (one has logged in): name and looks are that visitor's, the world stays. */
  returnAs(resume: string): void {
    this.options.name = undefined;
    this.keep(resume);
    this.link.restart(0, "logged in");
  }

  /** Comes back as a new guest. */
  forget(): void {
    this.options.name = undefined;
    this.store.remove(this.resumeKey);
    this.link.restart(0, "logged out");
  }

  /** Moves the player to `now` and tells the host. Call it once a frame. */
  update(now: number): void {
    const claim = this.place?.player.update(now);
    if (claim && this.state.kind === "open" && this.link.unsent < CHOKED_BYTES) this.link.send(encodeClaim(claim));
  }

  /** A frame was drawn of `place.sample(now)`. Call it after each; without, nothing is measured and nothing reported. */
  drew(now: number, place: Place): void {
    if (place !== this.place) return;
    this.quality.drew(now, this.clock.ready ? this.clock.tickAt(now) : Number.NaN, place.seen, place.player.state);
  }

  /** Reports what was measured so far: before one leaves, or when the page is about to go. */
  farewell(): void {
    this.report(performance.now(), true);
  }

  private report(now: number, leaving = false): void {
    if (this.state.kind !== "open") return;
    const report = this.quality.take(now, this.clock.roundTrip / 2, leaving);
    // A report that the host does not take is lost: there is nothing better to do with it.
    if (report) void this.call("quality.report", report).catch(() => undefined);
  }

  private async hello(): Promise<void> {
    const { name, language, operator } = this.options;
    const resume = this.store.get(this.resumeKey) ?? undefined;
    try {
      const answer = await this.call("session.open", { protocol: PROTOCOL, name, language, resume, operator });
      this.host = answer.host;
      this.store.set(this.resumeKey, answer.resume);
      this.setVisitor(answer.visitor);
      this.worlds = answer.worlds;
      this.emit("worlds", this.worlds);
      this.clock.reset();
      this.pings = 0;
      this.link.settled();
      this.draining = false;
      this.setState({ kind: "open" });
      this.ping(performance.now());
      if (this.wanted) await this.comeBack(this.wanted);
    } catch (error) {
      this.helloFailed(error);
    }
  }

  private helloFailed(error: unknown): void {
    const code = error instanceof CallError ? error.code : ErrorCode.internal;
    const message = error instanceof Error ? error.message : String(error);
    if (code === ErrorCode.disconnected) return; // the link's own news says more
    if (code === ErrorCode.version) this.end("version", message);
    else if (code === ErrorCode.forbidden && this.options.operator) {
      // A restarted host does not know this operator token: come back as a guest rather than not at all.
      this.options.operator = undefined;
      this.link.restart(0, message);
    } else if (code === ErrorCode.forbidden) this.end("removed", /: (.+)$/.exec(message)?.[1] ?? "");
    else if (code === ErrorCode.params) this.helloRefused(message);
    else this.link.restart(0, message);
  }

  private helloRefused(message: string): void {
    // A kept name or token that this host refuses must not lock a visitor out.
    const had = this.options.name !== undefined || this.store.get(this.resumeKey) !== null;
    this.options.name = undefined;
    this.store.remove(this.resumeKey);
    if (had) this.link.restart(0, message);
    else this.end("refused", message);
  }

  private async comeBack(wanted: Calls["world.enter"]["params"]): Promise<void> {
    try {
      await this.enter(wanted.world);
    } catch (error) {
      if (error instanceof CallError && error.code !== ErrorCode.disconnected) this.link.restart(0, error.message);
    }
  }

  private arrive(detail: WorldDetail): void {
    this.dropPlace();
    this.setQueue(null);
    const now = performance.now();
    // Back in the same world after a break: the break was a stall, not a join.
    if (this.quality.place !== detail.name) {
      this.report(now, true);
      this.quality.enter(detail.name, this.joinFrom ?? now);
    }
    this.joinFrom = null;
    const place = new Place(detail, this.options.core, this.clock, (url) => this.fetchBytes(url), now);
    this.place = place;
    for (const track of TRACKS) void this.subscribe(place, track);
    this.emit("entered", place);
  }

  private async subscribe(place: Place, track: Track): Promise<void> {
    try {
      const { id } = await this.call("track.subscribe", { track: place.detail.tracks[track] });
      if (this.place !== place) return void this.call("track.unsubscribe", { track: place.detail.tracks[track] }).catch(() => undefined);
      this.tracks.set(id, { place, track });
      const early = this.early;
      this.early = [];
      for (const frame of early) this.onFrame(frame.header, frame.payload); // those of other tracks come to wait again
      this.posesTaken();
    } catch (error) {
      // Without its tracks a world is a still picture: begin anew.
      if (this.place === place && error instanceof CallError && error.code !== ErrorCode.disconnected) {
        this.link.restart(0, error.message);
      }
    }
  }

  private dropPlace(): void {
    const place = this.place;
    if (!place) return;
    this.place = null;
    this.tracks.clear();
    this.early = [];
    place.dispose();
  }

  private onText(text: string): void {
    this.quality.received(text.length);
    for (const notification of this.rpc.receive(text)) {
      if (isNotification(notification, "world.queue")) this.setQueue(notification.params);
      else if (isNotification(notification, "world.entered")) this.arrive(notification.params.world);
      else if (isNotification(notification, "host.draining")) this.draining = true;
      else if (isNotification(notification, "visitor.removed")) this.removedBecause = notification.params.reason ?? "";
      this.emit("notification", notification);
    }
  }

  private onBinary(bytes: Uint8Array<ArrayBuffer>): void {
    this.quality.received(bytes.length);
    const read = readFrames(bytes, (header, payload) => this.onFrame(header, payload));
    this.posesTaken();
    // After bytes that are no frames nothing that follows can be trusted: begin anew.
    if (!read) this.link.restart(Close.badMessage, "not a frame");
  }

  private onFrame(header: FrameHeader, payload: Uint8Array): void {
    const now = performance.now();
    if (header.kind === FrameKind.clock) return this.onClock(payload, now);
    if (header.kind === FrameKind.correction) return this.onCorrection(payload);
    const pose = isPoseKind(header.kind);
    // Which poses tracks come under the one subscription is the host's choice: their ids are not told beforehand.
    const target = this.tracks.get(header.track) ?? (pose ? this.posesTarget() : undefined);
    if (!target) {
      // The first frame may overtake the answer that tells the track's id.
      if (this.early.length < EARLY_FRAMES) this.early.push({ header, payload: payload.slice() });
      return;
    }
    const { place, track } = target;
    if (pose) place.poses(header, payload);
    else if (header.kind === FrameKind.events) this.onEvents(place, track, payload);
  }

  private posesTarget() {
    for (const target of this.tracks.values()) if (target.track === "poses") return target;
    return undefined;
  }

  private posesTaken(): void {
    const now = performance.now();
    for (const { place, track } of this.tracks.values()) {
      if (track !== "poses") continue;
      place.posesTaken(now);
      if (place === this.place) this.quality.updated(now, place.newestTick);
    }
  }

  private onEvents(place: Place, track: Track, payload: Uint8Array): void {
    const events: unknown = decodeEvents(payload);
    if (events === null) return;
    if (track === "people") place.peopleEvents(events as PeopleEvent[]);
    else if (track === "chat") place.chatEvents(events as ChatEvent[]);
    else if (track === "scene") place.sceneEvents(events as SceneEvent[]);
  }

  private onClock(payload: Uint8Array, now: number): void {
    const answer = decodeClockAnswer(payload);
    if (!answer) return;
    // The ping carried the low 32 bits of our clock.
    const elapsed = (Math.floor(now) - answer.time_ms) >>> 0;
    this.clock.sample(now - elapsed, now, answer.tick + answer.since_tick_us / 50_000);
  }

  private onCorrection(payload: Uint8Array): void {
    const correction = decodeCorrection(payload);
    if (!correction || !this.place) return;
    const { epoch, x_mm, y_mm, z_mm, yaw, reason } = correction;
    const placed = reason === CorrectionReason.placed;
    const [x, y, z] = [x_mm / 1000, y_mm / 1000, z_mm / 1000];
    this.place.player.correct({ epoch, x, y, z, yaw: (yaw / 65536) * 2 * Math.PI, placed });
    this.emit("corrected", { reason });
  }

  private onDown(code: number, reason: string, attempt: number, retryMs: number | null): void {
    this.rpc.abandon();
    this.tracks.clear();
    this.early = [];
    if (retryMs === null) {
      const why: EndReason = code === Close.version ? "version" : code === Close.removed ? "removed" : "replaced";
      this.setState({ kind: "ended", reason: why, detail: why === "removed" ? this.removedBecause : reason });
      return;
    }
    this.draining ||= code === Close.goingAway;
    this.setState({ kind: "lost", attempt, retryMs, draining: this.draining });
  }

  private end(reason: EndReason, detail: string): void {
    this.link.close();
    this.setState({ kind: "ended", reason, detail });
  }

  private upkeep(): void {
    const now = performance.now();
    this.rpc.expire(now);
    this.link.check(now);
    if (this.quality.due(now)) this.report(now);
    if (this.state.kind === "open" && (this.pings < FIRST_PINGS || now - this.lastPing > PING_MS)) this.ping(now);
  }

  private ping(now: number): void {
    this.pings++;
    this.lastPing = now;
    this.link.send(encodeClockPing(Math.floor(now) >>> 0));
  }

  private async fetchBytes(url: string): Promise<Uint8Array> {
    const get = this.options.fetch ?? ((address: string) => fetch(address));
    const response = await get(new URL(url, this.options.url).href);
    if (!response.ok) throw new Error(`${url}: ${response.status}`);
    return new Uint8Array(await response.arrayBuffer());
  }

  private setState(state: ClientState): void {
    this.state = state;
    this.emit("state", state);
  }

  private setVisitor(visitor: Visitor): Visitor {
    this.visitor = visitor;
    this.emit("visitor", visitor);
    return visitor;
  }

  private setQueue(queue: Queue | null): void {
    if (this.queue === queue) return;
    this.queue = queue;
    this.emit("queue", queue);
  }
}

/** Connects and opens a session; rejects only when the host ends it. */
export function connect(options: ClientOptions): Promise<Client> {
  const client = new Client(options);
  return new Promise((resolve, reject) => {
    const stop = client.on("state", (state) => {
      if (state.kind === "open") {
        stop();
        resolve(client);
      } else if (state.kind === "ended") {
        stop();
        client.close();
        reject(new CallError(ErrorCode.forbidden, state.detail || state.reason, { reason: state.reason }));
      }
    });
    client.start();
  });
}
