import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { notices, notify, phase } from "./state.ts";

beforeEach(() => {
  vi.useFakeTimers();
  notices.value = [];
});
afterEach(() => vi.useRealTimers());

it("keeps what is said while a world loads until there was time to read it", async () => {
  phase.value = { kind: "starting" };
  notify("a problem", "problem");
  await vi.advanceTimersByTimeAsync(60_000);
  expect(notices.value.length).toBe(1);
  phase.value = { kind: "in" };
  await vi.advanceTimersByTimeAsync(5_000);
  expect(notices.value.length).toBe(1);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(notices.value.length).toBe(0);
});

it("lets notices pass by themselves, but those that stay", async () => {
  phase.value = { kind: "in" };
  notify("one");
  notify("two", "info", true);
  await vi.advanceTimersByTimeAsync(7_000);
  expect(notices.value.map((notice) => notice.text)).toEqual(["two"]);
});
