import { expect, it } from "vitest";
import { homeIn } from "./home.ts";

it("a home is named as people write it", () => {
  for (const text of ["home.example", " Home.Example ", "https://home.example/w/plaza", "home.example/"]) expect(homeIn(text), text).toBe("home.example");
  expect(homeIn("home.example:8443")).toBe("home.example:8443");
  expect(homeIn("http://a.localhost:8080/")).toBe("a.localhost:8080");
});

it("what names no host is none", () => {
  for (const text of ["", "  ", "ada@home.example:x", "[::1]", "a b", "javascript:alert(1)", "home..example"]) expect(homeIn(text), text).toBeNull();
});
