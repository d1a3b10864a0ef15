// What the interface shows. Written by the session, the input and the panels; read by the components.

import type { Calls, ChatMessage, Person, Visitor, WorldDetail, WorldSummary } from "@manyworlds/protocol";
import type { ClientState, Queue } from "@manyworlds/sdk";
import { computed, effect, signal } from "@preact/signals";
import { t } from "./i18n.ts";

export type Phase =
  /** Before the first world is there. */
  | { kind: "starting" }
  | { kind: "loading"; world: WorldSummary | WorldDetail }
  | { kind: "in" }
  | { kind: "failed"; reason: string };

export type Panel = "world" | "chat" | "account" | "settings" | "gestures" | "name" | "appearance" | "edit" | "operator" | "share" | "help";

export interface Notice {
  id: number;
  text: string;
  kind: "info" | "problem";
  /** Stays until dismissed. */
  stays: boolean;
}

/** A portal one stands in front of. */
export interface NearPortal {
  id: string;
  title: string;
  world: string | null;
  url: string | null;
}

export const phase = signal<Phase>({ kind: "starting" });
/** 0 to 1, of what the first picture needs. */
export const progress = signal(0);
export const link = signal<ClientState>({ kind: "connecting" });
export const visitor = signal<Visitor | null>(null);
export const worlds = signal<readonly WorldSummary[]>([]);
export const world = signal<WorldDetail | null>(null);
export const people = signal<readonly Person[]>([]);
/** Simulated people of a full stadium, who are not listed. */
export const spectators = signal(0);
export const chat = signal<readonly ChatMessage[]>([]);
export const unread = signal(0);
export const queue = signal<Queue | null>(null);
export const panel = signal<Panel | null>(null);
export const notices = signal<readonly Notice[]>([]);
export const nearPortal = signal<NearPortal | null>(null);
/** An outside portal that waits for a yes. */
export const askPortal = signal<NearPortal | null>(null);
/** The world of another host that one walked here from. */
export const cameFrom = signal<string | null>(null);
/** Where the visitor has an account: this host, or the one they came from. Its authority. */
export const home = signal<string | null>(null);
/** What one has brought from one's home, as the host tells it. */
export const brought = signal<readonly Calls["travel.carried"]["result"]["carried"][number][]>([]);
/** Gifts from and to this person that wait for somebody's yes. */
export const gifts = signal<readonly Calls["travel.gifts"]["result"]["gifts"][number][]>([]);
export const gesture = signal(0);
export const thingCount = signal(0);
export const figures = signal("");
/** The last way of input was a finger: shows the stick and the jump button. */
export const touch = signal(typeof matchMedia === "function" && matchMedia("(pointer: coarse)").matches);
/** The person has moved: the hint how to has done its work. */
export const hasMoved = signal(false);

export const worldTitle = computed(() => world.value?.title ?? null);
export const mayEdit = computed(() => world.value?.may.edit === true);
export const isOperator = computed(() => visitor.value?.role === "operator");

const MOST_NOTICES = 4;
const NOTICE_MS = 6000;
let nextNotice = 1;

export function notify(text: string, kind: Notice["kind"] = "info", stays = false): void {
  const rest = notices.value.filter((notice) => notice.text !== text);
  const notice = { id: nextNotice++, text, kind, stays };
  notices.value = [...rest, notice].slice(-MOST_NOTICES);
  if (!stays) passAway(notice.id);
}

/** The time to read something begins when one is in the world: a slow machine loads for longer than a notice lasts. */
function passAway(id: number): void {
  const stop = effect(() => {
    if (phase.value.kind !== "in") return;
    setTimeout(() => dismiss(id), NOTICE_MS);
    queueMicrotask(() => stop());
  });
}

export function dismiss(id: number): void {
  notices.value = notices.value.filter((notice) => notice.id !== id);
}

const TRANSLATED = ["params", "forbidden", "notFound", "conflict", "full", "tooLarge", "rateLimited", "unavailable", "timeout", "disconnected"] as const;

/** A failed call in the visitor's words. */
export function errorText(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const key = (error as { key?: string } | null)?.key;
  const known = TRANSLATED.find((name) => name === key);
  return known ? t(`error.${known}`, { message }) : t("error.other", { message });
}

export function problem(error: unknown): void {
  notify(errorText(error), "problem");
}

export function togglePanel(which: Panel): void {
  panel.value = panel.value === which ? null : which;
}
