// The world one stands in: who is here, what was said, what was put up, where everybody is, and oneself. Lives from one
// entering to the next; a reconnection makes a new one.

import type {
  ChatEvent,
  ChatMessage,
  Core,
  CrowdAggregate,
  Mover,
  PeopleEvent,
  Person,
  PoseReader,
  SceneEvent,
  Thing,
  WorldDetail,
} from "@manyworlds/protocol";
import { type FrameHeader, FrameKind } from "@manyworlds/protocol/frames.ts";
import { AvatarBuffer, type AvatarColumns } from "./avatars.ts";
import type { ClockSync } from "./clock.ts";
import { Emitter } from "./emitter.ts";
import { Player } from "./player.ts";
import type { Seen } from "./quality.ts";

export interface PlaceEvents {
  person: Person;
  personLeft: number;
  /** The list changed: once for each frame of events, however many there were. */
  people: ReadonlyMap<number, Person>;
  thing: Thing;
  thingRemoved: number;
  said: ChatMessage;
  /** History that came at entering. */
  history: readonly ChatMessage[];
}

export const CHAT_KEPT = 200;
const LEAST_DELAY_TICKS = 2; // 100 ms at 20 Hz
const MOST_DELAY_TICKS = 8;
const DELAY_EASE = 0.02;
const FAR_MS = 200;

export type FetchBytes = (url: string) => Promise<Uint8Array>;

export class Place extends Emitter<PlaceEvents> {
  readonly people = new Map<number, Person>();
  readonly things = new Map<number, Thing>();
  readonly chat: ChatMessage[] = [];
  readonly avatars = new AvatarBuffer();
  readonly player: Player;
  /** Simulated people of a full stadium who are not among `people`: their entities, in the order of their seats. */
  spectators: { first: number; count: number } | null = null;
  /** Of those who are far away: how many stand where. Another list when there is news, which is looked for five times a second. */
  far: readonly CrowdAggregate[] = [];
  /** Sequence of the last scene event. */
  sceneSequence = 0;

  private readonly mover: Mover;
  private readonly reader: PoseReader;
  private readonly bodies = new Map<string, Promise<Uint8Array>>();
  private delay = LEAST_DELAY_TICKS + 0.5;
  private lateness = 0;
  private news = false;
  private farNews = false;
  private farTaken = -Infinity;

  constructor(
    readonly detail: WorldDetail,
    core: Core,
    private readonly clock: ClockSync,
    private readonly fetchBytes: FetchBytes,
    now: number,
  ) {
    super();
    this.mover = core.createMover();
    this.mover.setRules(detail.rules);
    this.reader = core.createPoseReader();
    const [x, y, z] = detail.place.position;
    const at = { epoch: detail.epoch, x, y, z, yaw: detail.place.yaw };
    this.player = new Player(detail.entity, this.mover, detail.rules, at, now);
  }

  /** Fetches what one bumps into. Until it is there the player should stand still. */
  async loadCollision(): Promise<void> {
    const bytes = await this.fetchBytes(this.detail.scene.collision);
    if (!this.mover.setBody(0, bytes)) throw new Error(`${this.detail.scene.collision} is not a collision file`);
  }

  /** Takes one frame of poses; `posesTaken` follows when the message is through. */
  poses(header: FrameHeader, payload: Uint8Array): void {
    if (this.reader.take(header.kind, header.track, header.group, payload)) this.news = true;
    if (header.kind === FrameKind.poseAggregate || header.kind === FrameKind.poseEnd) this.farNews = true;
  }

  /** Lays what the message's frames said together with what was known. */
  posesTaken(now: number): void {
    if (!this.news) return;
    this.news = false;
    if (this.farNews && now - this.farTaken > FAR_MS) {
      this.farNews = false;
      this.farTaken = now;
      this.far = this.reader.aggregates();
    }
    const decoded = this.reader.poses();
    this.avatars.push(decoded);
    if (!this.clock.ready) return;
    // How far the host's clock had gone on when its pose came: the draw delay covers the worst of late, and eases back.
    const late = this.clock.tickAt(now) - decoded.tick;
    this.lateness = late > this.lateness ? late : this.lateness + (late - this.lateness) * DELAY_EASE;
    const wanted = Math.max(LEAST_DELAY_TICKS, Math.min(MOST_DELAY_TICKS, this.lateness + 1));
    this.delay += (wanted - this.delay) * (wanted > this.delay ? 0.2 : DELAY_EASE);
  }

  /** Everybody else at this moment (drawn `delay` ticks behind the host). */
  sample(now: number): AvatarColumns {
    const tick = this.clock.ready ? this.clock.tickAt(now) - this.delay : this.avatars.newest;
    return this.avatars.sample(tick, this.detail.entity, this.player.state);
  }

  /** What the last sample shows, for the meter of quality. */
  get seen(): Seen {
    return this.avatars;
  }

  /** The newest host tick that anything is known of; -1 before the first. */
  get newestTick(): number {
    return this.avatars.newest;
  }

  /** Milliseconds that others are drawn behind the host. */
  get drawDelayMs(): number {
    return (this.delay * 1000) / this.detail.tick_hz;
  }

  peopleEvents(events: readonly PeopleEvent[]): void {
    for (const event of events) {
      if (event.type === "snapshot") {
        const here = new Set(event.people.map((person) => person.entity));
        for (const entity of [...this.people.keys()]) if (!here.has(entity)) this.personGone(entity);
        for (const person of event.people) this.personHere(person);
        this.spectators = event.spectators ?? null;
      } else if (event.type === "left") {
        this.personGone(event.entity);
      } else if (event.type === "joined" || event.type === "changed") {
        this.personHere(event.person);
      }
    }
    this.emit("people", this.people);
  }

  chatEvents(events: readonly ChatEvent[]): void {
    for (const event of events) {
      if (event.type === "snapshot") {
        this.chat.splice(0, this.chat.length, ...event.messages.slice(-CHAT_KEPT));
        this.emit("history", this.chat);
      } else if (event.type === "said") {
        const { type: _, ...message } = event;
        this.chat.push(message);
        if (this.chat.length > CHAT_KEPT) this.chat.shift();
        this.emit("said", message);
      }
    }
  }

  sceneEvents(events: readonly SceneEvent[]): void {
    for (const event of events) {
      if (event.type === "snapshot") {
        const here = new Set(event.entities.map((thing) => thing.entity));
        for (const entity of [...this.things.keys()]) if (!here.has(entity)) this.thingGone(entity);
        for (const thing of event.entities) this.thingHere(thing);
      } else if (event.type === "removed") {
        this.thingGone(event.entity);
      } else if (event.type === "added" || event.type === "changed") {
        this.thingHere(event.entity);
      }
      this.sceneSequence = Math.max(this.sceneSequence, event.sequence ?? 0);
    }
  }

  dispose(): void {
    this.mover.dispose();
    this.reader.dispose();
    this.disposed = true;
  }

  private disposed = false;

  private personHere(person: Person): void {
    this.people.set(person.entity, person);
    this.emit("person", person);
  }

  private personGone(entity: number): void {
    this.avatars.remove(entity);
    if (this.people.delete(entity)) this.emit("personLeft", entity);
  }

  private thingHere(thing: Thing): void {
    this.things.set(thing.entity, thing);
    this.emit("thing", thing);
    const collision = this.detail.models.find((model) => model.name === thing.model)?.collision;
    if (collision) void this.placeBody(thing.entity, collision);
  }

  private thingGone(entity: number): void {
    this.mover.removeBody(entity);
    if (this.things.delete(entity)) this.emit("thingRemoved", entity);
  }

  private async placeBody(entity: number, url: string): Promise<void> {
    let bytes = this.bodies.get(url);
    if (!bytes) this.bodies.set(url, (bytes = this.fetchBytes(url)));
    try {
      const baked = await bytes;
      // It may have moved on or gone while the file was on its way.
      const thing = this.things.get(entity);
      if (!thing || this.disposed) return;
      const [x, y, z] = thing.position;
      this.mover.setBody(entity, baked, { x, y, z, yaw: thing.yaw ?? 0, scale: thing.scale ?? 1 });
    } catch {
      // Without the file the host still judges; the prediction is only less exact near this thing.
      this.bodies.delete(url);
    }
  }
}
