import type { ChatMessage, Person } from "@manyworlds/protocol";
import { describe, expect, it } from "vitest";
import { blocked, hidden, hiddenEntities, shownChat } from "./hidden.ts";
import { hide } from "./people/hide.ts";
import { chat, people } from "./state.ts";

const person = (entity: number, visitor?: string) => ({ entity, visitor, name: `P${entity}` }) as Person;
const said = (entity: number) => ({ id: entity, entity, name: "", text: "hello", time_ms: 0 }) as ChatMessage;

describe("people whom one does not want to see", () => {
  it("are left out with what they say, also after they have left", () => {
    people.value = [person(1, "a"), person(2, "b"), person(3)];
    chat.value = [said(1), said(2)];
    hide("b", true);
    expect([...hiddenEntities.value]).toEqual([2]);
    people.value = [person(1, "a"), person(3)];
    expect(shownChat.value.map((message) => message.entity)).toEqual([1]);
    people.value = [person(1, "a"), person(4, "b")];
    expect([...hiddenEntities.value].sort()).toEqual([2, 4]);
    hide("b", false);
    expect(hiddenEntities.value.size).toBe(0);
    expect(shownChat.value).toBe(chat.value);
  });

  it("are left out when they are blocked, which this browser does not keep", () => {
    people.value = [person(1, "a"), person(2, "b")];
    chat.value = [said(1), said(2)];
    blocked.value = new Set(["b"]);
    expect([...hiddenEntities.value]).toEqual([2]);
    expect(shownChat.value.map((message) => message.entity)).toEqual([1]);
    expect(hidden.value.size).toBe(0);
    blocked.value = new Set();
    expect(hiddenEntities.value.size).toBe(0);
  });

  it("are so many, and the first are forgotten", () => {
    for (let i = 0; i < 600; i++) hide(`v${i}`, true);
    expect(hidden.value.size).toBe(500);
    expect(hidden.value.has("v0")).toBe(false);
    expect(hidden.value.has("v599")).toBe(true);
  });
});
