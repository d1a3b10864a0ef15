// The composition of the client: connection, picture and input, and the loop that moves them once a frame.

import { CallError, type Core, ErrorCode, type Person, type Portal, type Thing, type Visitor, type WorldDetail, type WorldSummary } from "@manyworlds/protocol";
import type { SceneView, ScreenLabel } from "@manyworlds/scene";
import { Client, type ClientState, type Place } from "@manyworlds/sdk";
import { effect } from "@preact/signals";
import { hiddenEntities } from "./hidden.ts";
import { count, language, named, plural, setLanguage, t } from "./i18n.ts";
import { Input, type InputActions } from "./input.ts";
import { personName } from "./names.ts";
import { worldInPath } from "./paths.ts";
import { PortalWatch } from "./portals.ts";
import { choose, DISTANCE, follow, settings, store, windowStore } from "./settings.ts";
import * as state from "./state.ts";
import { Tags } from "./tags.ts";
import { handName } from "./thing-names.ts";
import { takeBeside, takeFragment } from "./travel.ts";

/** What the editor (loaded when somebody opens it) wants to hear of. */
export interface Tool {
  press(action: string): boolean;
  click(x: number, y: number): void;
  dragStart(x: number, y: number): boolean;
  dragMove(x: number, y: number): void;
  dragEnd(x: number, y: number): void;
  hover(x: number, y: number): void;
}

export const OPERATOR_KEY = "manyworlds.operator";
const WORLDS_EVERY_MS = 10_000;
const PROGRESS_SESSION = 0.1;
const FIGURES_EVERY_MS = 500;
const SIMULATED_TAG_M = 8;
/** Likewise, in a stand, where a name for each would be a wall of names. */
const SPECTATOR_TAG_M = 4.5;
const STILL = { moveX: 0, moveZ: 0, run: false, jump: false } as const;
const HIDDEN_EVERY_MS = 250;

/** Where a link to the host alone leads: its largest world, so that all who come by it meet. */
export function frontWorld(worlds: readonly WorldSummary[]): string | null {
  const open = worlds.filter((world) => !world.problem);
  return open.reduce<WorldSummary | null>((best, world) => (best && best.capacity >= world.capacity ? best : world), null)?.name ?? null;
}

export class Session {
  tool: Tool | null = null;
  /** Set by tests that measure the interface: nothing is drawn meanwhile. */
  frozen = false;
  /** Set by tests whose picture the processor draws: at least so long from one picture to the next. One walks all the same. */
  drawEveryMs = 0;
  readonly input: Input;
  readonly client: Client;
  private place: Place | null = null;
  private loaded: WorldDetail | null = null;
  private watch = new PortalWatch([]);
  private readonly shownPeople = new Set<number>();
  private readonly shownThings = new Set<number>();
  private readonly tags: Tags;
  private travelling = false;
  private figuresAt = 0;
  private lastFrame = performance.now();
  private drawnAt = 0;
  private lastWorlds = 0;

  constructor(
    readonly scene: SceneView,
    canvas: HTMLCanvasElement,
    tagLayer: HTMLElement,
    core: Core,
    stick: InputActions["stick"],
  ) {
    this.client = new Client({
      url: location.origin,
      core,
      name: store.get("manyworlds.name") ?? undefined,
      language: language.value,
      operator: windowStore.get(OPERATOR_KEY) ?? undefined,
      joinFrom: 0,
      store: windowStore.get("manyworlds.apart") ? windowStore : store,
    });
    this.tags = new Tags(tagLayer, (label) => this.tagText(label));
    this.input = new Input(canvas, this.actions(stick));
    this.followClient();
    this.followSettings();
    scene.onCameraMode = (mode) => {
      if (settings.value.camera !== mode) choose({ camera: mode });
    };
    requestAnimationFrame((now) => this.frame(now));
    setInterval(() => this.whileHidden(), HIDDEN_EVERY_MS);
    addEventListener("online", () => this.client.retryNow());
    addEventListener("pagehide", () => this.client.farewell());
    document.addEventListener("visibilitychange", () => this.client.quality.look(!document.hidden));
    this.client.quality.look(!document.hidden);
    addEventListener("resize", () => scene.resize());
    addEventListener("hashchange", () => void this.claimOperator());
    addEventListener("popstate", () => {
      const wanted = worldInPath(location.pathname);
      if (wanted && wanted !== this.place?.detail.name) void this.travel(wanted, { push: false });
    });
  }

  start(): void {
    this.client.start();
  }

  /** Goes to another world of this host; the page stays. */
  async travel(world: string, options: { portal?: string; beside?: string; push?: boolean } = {}): Promise<void> {
    if (this.travelling) return;
    this.travelling = true;
    try {
      if (this.place?.detail.name !== world && options.push !== false) history.pushState(null, "", `/w/${world}`);
      await this.client.enter(world, { portal: options.portal, beside: options.beside });
    } catch (error) {
      if (this.place) {
        history.replaceState(null, "", `/w/${this.place.detail.name}`);
        state.problem(error);
        this.watch.reset();
      } else this.fail(error);
    } finally {
      this.travelling = false;
    }
  }

  /** What E, the button and walking through a gate do. */
  usePortal(portal: Portal): void {
    const near = this.describePortal(portal);
    if (near.url) state.askPortal.value = near;
    else if (near.world) void this.travel(near.world, { portal: portal.id });
  }

  useNearest(): void {
    const near = state.nearPortal.value;
    const portal = this.place?.detail.portals.find((item) => item.id === near?.id);
    if (portal) this.usePortal(portal);
  }

  gesture(gesture: number): void {
    this.place?.player.gesture(gesture, performance.now());
  }

  async say(text: string): Promise<void> {
    await this.client.call("chat.say", { text });
  }

  get standing(): Place | null {
    return this.place;
  }

  private followClient(): void {
    const { client } = this;
    client.on("state", (next) => this.onState(next));
    client.on("visitor", (visitor) => {
      // A guest who arrives as themselves keeps the number.
      if (state.visitor.value?.id !== visitor.id || state.visitor.value.home !== visitor.home) void this.findHome(visitor);
      state.visitor.value = visitor;
    });
    client.on("notification", (news) => {
      if (/^t(ravel|itle)\./.test(news.method)) void import("./carried/brought.ts").then((carried) => carried.onNotification(news));
    });
    client.on("worlds", (worlds) => (state.worlds.value = worlds));
    client.on("queue", (queue) => (state.queue.value = queue));
    client.on("entered", (place) => void this.onEntered(place));
    client.on("corrected", () => this.watch.reset());
  }

  private followSettings(): void {
    follow((s) => s.language, (value) => {
      setLanguage(value);
      this.portalInfo();
      if (this.client.state.kind === "open") void this.client.setLanguage(value).catch(() => undefined);
    });
    follow((s) => s.quality, (value) => this.scene.setQuality(value));
    follow((s) => s.reducedMotion, (value) => this.scene.setReducedMotion(value));
    follow((s) => s.camera, (mode) => this.scene.setCamera({ mode }));
    follow((s) => s.distance, (distance) => this.scene.setCamera({ distance }));
    follow((s) => s.invertLook, (value) => (this.input.invertLook = value));
    follow((s) => s.lockPointer, (value) => {
      this.input.lockPointer = value;
      if (!value && document.pointerLockElement) document.exitPointerLock();
    });
    follow((s) => s.nameTags, (value) => (this.tags.shown = value));
    effect(() => this.scene.setHidden(hiddenEntities.value));
    effect(() => void (state.home.value === location.host && import("./people/blocks.ts").then((blocks) => blocks.follow(this.client))));
  }

  private onState(next: ClientState): void {
    const before = state.link.value;
    state.link.value = next;
    if (next.kind !== "open") return;
    if (before.kind === "lost" && this.place) state.notify(t("lost.back"));
    this.lastWorlds = performance.now();
    if (this.client.place || this.client.queue || this.place) return;
    state.progress.value = PROGRESS_SESSION;
    void this.begin();
  }

  private async begin(): Promise<void> {
    const told = takeFragment().visit !== undefined;
    if (told && (await (await import("./arrive.ts")).arriveAsTold(this.client))) return; // the link begins anew, as that person
    await this.claimOperator();
    const beside = takeBeside();
    const wanted = worldInPath(location.pathname) ?? frontWorld(state.worlds.value);
    if (wanted) await this.travel(wanted, { push: false, beside });
    else this.fail(new CallError(ErrorCode.notFound, "no world"));
    if (beside) (await import("./invite/told.ts")).tell(this.client);
  }

  private async findHome(visitor: Visitor): Promise<void> {
    state.home.value = visitor.home ?? null;
    if (visitor.home) return (await import("./carried/brought.ts")).askBrought(this.client);
    const here = await this.client.call("account.describe", {}).catch(() => null);
    if (here?.account && here.origin === location.origin && state.visitor.value?.id === visitor.id) state.home.value = location.host;
  }

  private async claimOperator(): Promise<void> {
    const token = /(?:^#|&)operator=([^&]+)/.exec(location.hash)?.[1];
    if (!token) return;
    // A one-time secret has no business in the history of the browser.
    history.replaceState(null, "", location.pathname + location.search);
    try {
      windowStore.set(OPERATOR_KEY, await this.client.claimOperator(decodeURIComponent(token)));
      state.notify(t("operator.claimed"));
      // Already inside: entering again tells what one may do now.
      if (this.place) await this.client.enter(this.place.detail.name);
    } catch (error) {
      const used = error instanceof CallError && error.code === ErrorCode.forbidden;
      // Who came to operate must know why they do not, however slowly this machine draws.
      state.notify(used ? t("operator.used") : state.errorText(error), "problem", true);
    }
  }

  private async onEntered(place: Place): Promise<void> {
    const { detail } = place;
    this.listenTo(place);
    const same = this.loaded?.name === detail.name && this.loaded.scene.url === detail.scene.url;
    state.world.value = detail;
    this.place = null;
    try {
      if (!same) await this.show(detail, place);
      else await place.loadCollision();
    } catch (error) {
      if (this.client.place === place) this.fail(error);
      return;
    }
    if (this.client.place !== place) return;
    this.settle(place, same);
  }

  private async show(detail: WorldDetail, place: Place): Promise<void> {
    state.phase.value = { kind: "loading", world: detail };
    state.nearPortal.value = null;
    const first = this.loaded === null ? PROGRESS_SESSION : 0;
    state.progress.value = first;
    this.forget();
    this.loaded = null;
    const loading = this.scene.load(detail, (step) => {
      state.progress.value = first + (1 - first) * Math.max(0, Math.min(1, step.done));
    });
    await Promise.all([loading, place.loadCollision()]);
    this.loaded = detail;
  }

  private settle(place: Place, same: boolean): void {
    if (same) this.forget();
    this.place = place;
    this.watch = new PortalWatch(place.detail.portals);
    for (const person of place.people.values()) this.showPerson(person);
    for (const thing of place.things.values()) this.showThing(thing);
    this.portalInfo();
    if (!same) {
      this.scene.setCamera({ yaw: place.detail.place.yaw });
      history.replaceState(null, "", `/w/${place.detail.name}${location.search}`);
      if (state.phase.value.kind === "loading") state.notify(t("notice.arrived", { world: named(place.detail.title) }));
    }
    state.phase.value = { kind: "in" };
    state.progress.value = 1;
  }

  private listenTo(place: Place): void {
    const here = () => this.place === place;
    state.chat.value = [...place.chat];
    state.people.value = [...place.people.values()];
    place.on("person", (person) => here() && this.showPerson(person));
    place.on("personLeft", (entity) => here() && this.hidePerson(entity));
    const showSpectators = () => {
      state.spectators.value = place.spectators?.count ?? 0;
      this.scene.setSpectators(place.spectators);
    };
    showSpectators();
    place.on("people", (people) => {
      if (this.client.place !== place) return;
      state.people.value = [...people.values()];
      showSpectators();
    });
    place.on("thing", (thing) => here() && this.showThing(thing));
    place.on("thingRemoved", (entity) => here() && this.hideThing(entity));
    place.on("history", (messages) => (state.chat.value = [...messages]));
    place.on("said", (message) => {
      state.chat.value = [...place.chat];
      if (state.panel.value !== "chat" && message.entity !== place.detail.entity && !hiddenEntities.value.has(message.entity)) state.unread.value++;
    });
  }

  private showPerson(person: Person): void {
    this.shownPeople.add(person.entity);
    this.scene.setPerson(person);
  }

  private hidePerson(entity: number): void {
    if (this.shownPeople.delete(entity)) this.scene.removePerson(entity);
  }

  private showThing(thing: Thing): void {
    this.shownThings.add(thing.entity);
    this.scene.setThing(thing);
    state.thingCount.value = this.shownThings.size;
  }

  private hideThing(entity: number): void {
    if (this.shownThings.delete(entity)) this.scene.removeThing(entity);
    state.thingCount.value = this.shownThings.size;
  }

  /** Takes everybody and everything of the last world (or the last connection) from the picture. */
  private forget(): void {
    for (const entity of [...this.shownPeople]) this.hidePerson(entity);
    for (const entity of [...this.shownThings]) this.hideThing(entity);
  }

  private fail(error: unknown): void {
    const unknown = error instanceof CallError && error.code === ErrorCode.notFound;
    state.phase.value = { kind: "failed", reason: unknown ? t("failed.unknown_world") : state.errorText(error) };
  }

  private describePortal(portal: Portal): state.NearPortal {
    const to = portal.to;
    const world = "world" in to ? to.world : null;
    return { id: portal.id, title: named(portal.title, world ?? ""), world, url: "url" in to ? to.url : null };
  }

  private portalInfo(): void {
    if (!this.place) return;
    for (const portal of this.place.detail.portals) {
      const near = this.describePortal(portal);
      const target = state.worlds.value.find((world) => world.name === near.world);
      const subtitle = near.url ? new URL(near.url).host : target ? plural("count", target.people + target.simulated) : "";
      this.scene.setPortalInfo(portal.id, { title: near.title, subtitle, open: near.url !== null || (target !== undefined && !target.problem) });
    }
  }

  private frame(now: number): void {
    requestAnimationFrame((next) => this.frame(next));
    const elapsed = Math.min(0.1, (now - this.lastFrame) / 1000);
    this.lastFrame = now;
    const place = this.place;
    if (!place || this.frozen) return;
    this.steer(place, elapsed);
    // The frame's own time stamp may lie before messages that came in meanwhile; one clock serves both.
    const time = performance.now();
    this.client.update(time);
    const self = place.player.self();
    if (time - this.drawnAt >= this.drawEveryMs) {
      this.drawnAt = time;
      this.scene.frame(time, place.sample(time), self, place.far);
      this.client.drew(time, place);
      this.tags.update(this.scene.labels(24));
    }
    this.lookForPortals(self.x, self.y, self.z);
    state.gesture.value = place.player.gestureShown;
    if (time - this.figuresAt > FIGURES_EVERY_MS) this.everyHalfSecond(time);
  }

  private steer(place: Place, elapsed: number): void {
    const wish = this.input.wish();
    // Positive turns left, as a drag to the right does in the picture's own units.
    if (wish.turn !== 0) this.scene.look(-wish.turn * elapsed * 220, 0);
    const yaw = this.scene.cameraYaw();
    const sin = Math.sin(yaw);
    const cos = Math.cos(yaw);
    const moveX = wish.y * sin - wish.x * cos;
    const moveZ = wish.y * cos + wish.x * sin;
    place.player.facing = settings.value.camera === "first" ? yaw : null;
    // Without a link nobody would know where one walked: one stands until it is back.
    const linked = this.client.state.kind === "open";
    place.player.setIntent(linked ? { moveX, moveZ, run: wish.run, jump: wish.jump } : STILL);
    if (!state.hasMoved.value && (wish.x !== 0 || wish.y !== 0)) state.hasMoved.value = true;
  }

  private lookForPortals(x: number, y: number, z: number): void {
    const { near, through } = this.watch.move(x, y, z);
    if ((state.nearPortal.value?.id ?? null) !== (near?.id ?? null)) {
      state.nearPortal.value = near ? this.describePortal(near) : null;
    }
    if (through && !this.travelling) this.usePortal(through);
  }

  private everyHalfSecond(now: number): void {
    this.figuresAt = now;
    if (settings.value.figures) {
      const { fps, drawCalls, triangles, avatars } = this.scene.stats();
      const ping = Math.round(this.client.clock.roundTrip);
      state.figures.value = t("stats.text", { fps: Math.round(fps), calls: drawCalls, triangles: count(triangles), avatars, ping });
    }
    if (now - this.lastWorlds > WORLDS_EVERY_MS && this.client.state.kind === "open") {
      this.lastWorlds = now;
      void this.refreshWorlds();
    }
  }

  private async refreshWorlds(): Promise<void> {
    try {
      state.worlds.value = (await this.client.call("world.list", {})).worlds;
      this.portalInfo();
    } catch {
      // The next round asks again.
    }
  }

  /** A hidden page draws nothing, but its visitor must come to a stand, and be heard of. */
  private whileHidden(): void {
    if (!document.hidden || !this.place) return;
    this.input.release();
    this.place.player.setIntent(STILL);
    this.client.update(performance.now());
  }

  private tagText({ kind, entity, distance }: ScreenLabel): { text: string; kind: string } | null {
    if (kind === "person") {
      const person = this.place?.people.get(entity) ?? (distance < SPECTATOR_TAG_M ? this.spectator(entity) : null);
      // A crowd of tags over simulated people would hide the others: theirs show when one stands before them.
      if (!person || (person.simulated && distance > SIMULATED_TAG_M)) return null;
      if (person.simulated) return { text: `${personName(person)} · ${t("people.simulated")}`, kind: "simulated" };
      return { text: [person.name, handName(person), person.home].filter(Boolean).join(" · "), kind: person.role };
    }
    if (kind === "thing") {
      const name = this.place?.things.get(entity)?.name;
      return name ? { text: name, kind: "thing" } : null;
    }
    return null; // a portal has its sign
  }

  /** Who sits in a full stadium is on no list; only the tag over somebody near says a name. */
  private spectator(entity: number): Pick<Person, "name" | "simulated" | "home" | "role" | "carried"> | null {
    const all = this.place?.spectators;
    if (!all || entity < all.first || entity >= all.first + all.count) return null;
    return { name: t("people.spectator", { n: count(entity - all.first + 1) }), simulated: true, role: "guest" };
  }

  private actions(stick: InputActions["stick"]): InputActions {
    return {
      look: (dx, dy) => this.scene.look(dx, dy),
      zoom: (steps) => this.scene.zoom(steps),
      press: (action) => this.press(action),
      click: (x, y) => this.tool?.click(x, y),
      dragStart: (x, y) => this.tool?.dragStart(x, y) ?? false,
      dragMove: (x, y) => this.tool?.dragMove(x, y),
      dragEnd: (x, y) => this.tool?.dragEnd(x, y),
      hover: (x, y) => this.tool?.hover(x, y),
      touched: (finger) => {
        if (state.touch.value !== finger) state.touch.value = finger;
      },
      stick,
    };
  }

  private press(action: string): void {
    if (this.tool?.press(action)) return;
    if (action === "use") this.useNearest();
    else if (action === "chat" && state.phase.value.kind === "in") state.panel.value = "chat";
    else if (action === "escape") {
      state.panel.value = null;
      state.askPortal.value = null;
    } else if (action.startsWith("gesture")) this.gesture(Number(action.slice(7)));
  }
}

export { DISTANCE };
