import { expect, it } from "vitest";
import { Room, roughWidth } from "./tags.ts";

it("places no tag over a nearer one, and uses the room again in the next frame", () => {
  const room = new Room();
  expect(room.take(100, 100, 80)).toBe(true);
  expect(room.take(150, 110, 80)).toBe(false);
  expect(room.take(150, 130, 80)).toBe(true);
  expect(room.take(190, 100, 80)).toBe(true);
  room.clear();
  expect(room.take(150, 110, 80)).toBe(true);
});

it("counts Chinese characters as wide, and bounds long names", () => {
  expect(roughWidth("小世界")).toBeGreaterThan(roughWidth("abc"));
  expect(roughWidth("x".repeat(300))).toBe(200);
});
