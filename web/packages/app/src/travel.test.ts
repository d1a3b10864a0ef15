import { expect, it } from "vitest";
import { leadsToWorld } from "./travel.ts";

it("worlds of other hosts are walked into, and nothing else", () => {
  for (const link of ["https://b.example/w/plaza", "http://b.localhost:8082/w/plaza?quality=low", "https://b.example:8443/w/a-b_c#beside=v1"]) expect(leadsToWorld(link), link).toBe(true);
  for (const link of ["https://b.example/", "https://b.example/w/", "https://b.example/w/a/b", "http://b.example/w/plaza", "javascript:alert(1)", "b", ""]) expect(leadsToWorld(link), link).toBe(false);
});
