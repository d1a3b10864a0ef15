import { afterEach, expect, it, vi } from "vitest";
import { leadsToWorld } from "./travel.ts";

it("worlds of other hosts are walked into, and nothing else", () => {
  for (const link of ["https://b.example/w/plaza", "http://b.localhost:8082/w/plaza?quality=low", "https://b.example:8443/w/a-b_c#beside=v1"]) expect(leadsToWorld(link), link).toBe(true);
  for (const link of ["https://b.example/", "https://b.example/w/", "https://b.example/w/a/b", "http://b.example/w/plaza", "javascript:alert(1)", "b", ""]) expect(leadsToWorld(link), link).toBe(false);
});

/** A page that is opened anew in one window: its module begins anew, the window's store stays. */
async function opened(path: string, hash: string) {
  vi.resetModules();
  vi.stubGlobal("location", { origin: "https://b.example", host: "b.example", pathname: path, search: "", hash });
  vi.stubGlobal("history", { replaceState: vi.fn() });
  return import("./travel.ts");
}

afterEach(() => {
  vi.unstubAllGlobals();
});

it("an invitation outlives the way over one's home, and leads once, to where it was made for", async () => {
  const kept = new Map<string, string>();
  vi.stubGlobal("sessionStorage", { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => kept.set(key, value), removeItem: (key: string) => kept.delete(key) });
  (await opened("/w/plaza", "#home=a.example&beside=i1.abc.def")).takeFragment(); // and the page goes to the home
  const back = await opened("/w/plaza", "#visit=e30");
  expect(back.takeBeside()).toBe("i1.abc.def");
  expect(back.followed()).toBe("i1.abc.def");
  expect(back.takeBeside()).toBeUndefined();
  (await opened("/w/plaza", "#home=a.example&beside=i1.abc.def")).takeFragment();
  expect((await opened("/w/garden", "")).takeBeside(), "another world").toBeUndefined();
  expect((await opened("/w/plaza", "#beside=i1.abc.def")).takeBeside(), "a guest's").toBe("i1.abc.def");
});
