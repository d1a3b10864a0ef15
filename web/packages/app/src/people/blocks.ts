// Whom one has blocked at home is left out of the picture in the worlds of that home: persons by the number that they have here, hosts
// with all their people. Asked again when the list changes, and when somebody comes who may be on it. Nothing of it is kept here.

import type { Calls, Person } from "@manyworlds/protocol";
import type { Client } from "@manyworlds/sdk";
import { effect, signal } from "@preact/signals";
import { blocked } from "../hidden.ts";
import * as state from "../state.ts";

type Block = Calls["friend.list"]["result"]["blocks"][number];

export const blocks = signal<readonly Block[]>([]);

/** The authority of the host where a person lives: did:webvh:SCID:HOST%3APORT:people:ID. */
const homeOf = (did: string): string | null => {
  const host = /^did:webvh:[^:]+:([^:]+)/.exec(did)?.[1];
  return host ? decodeURIComponent(host) : null;
};

/** What is behind the block of somebody who is here: themselves, or their host. */
export const blockOf = (list: readonly Block[], person: Pick<Person, "visitor" | "home">): Block | undefined =>
  list.find((block) => (person.visitor !== undefined && block.visitor === person.visitor) || (person.home !== undefined && block.who === person.home));

/** Numbers of those who are left out, also of those who have gone: what they said is still there. */
export function numbers(list: readonly Block[], people: readonly Person[]): ReadonlySet<string> {
  const out = new Set(list.flatMap((block) => (block.visitor ? [block.visitor] : [])));
  for (const person of people) if (person.visitor && blockOf(list, person)) out.add(person.visitor);
  return out;
}

/** Whoever has come from a home of somebody who is blocked may be them: their number here is not known before. */
export function mayBe(list: readonly Block[], person: Person): boolean {
  return person.home !== undefined && list.some((block) => !block.visitor && homeOf(block.who) === person.home);
}

let following: Client | null = null;

export function follow(client: Client): void {
  const ask = () => client.call("friend.list", {}).then((now) => (blocks.value = now.blocks), () => undefined);
  void ask();
  if (following === client) return;
  following = client;
  client.on("notification", (news) => {
    if (news.method === "friend.changed") void ask();
  });
  const asked = new Set<string>();
  effect(() => {
    const list = blocks.value;
    blocked.value = numbers(list, state.people.value);
    const unknown = state.people.value.filter((person) => person.visitor && !asked.has(person.visitor) && mayBe(list, person));
    for (const person of unknown) asked.add(person.visitor as string);
    if (unknown.length > 0) void ask();
  });
}
