import { CallError, ErrorCode, type Thing } from "@manyworlds/protocol";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { Editor } from "./editor.ts";
import type { Session } from "./session.ts";
import { notices } from "./state.ts";

const bench: Thing = { entity: 5, model: "bench", position: [1, 0, 1], yaw: 0, scale: 1, by: "1" };

let calls: [string, Record<string, unknown>][];
let answer: (method: string) => Promise<unknown>;
let pick: { point: [number, number, number] | null; entity?: number; person?: number };
let scene: Record<string, ReturnType<typeof vi.fn>>;
let editor: Editor;
let listeners: Record<string, (value: never) => void>;

beforeEach(() => {
  calls = [];
  answer = () => Promise.resolve({});
  pick = { point: [2.00004, 0, 3] };
  listeners = {};
  scene = Object.fromEntries(["ghost", "highlight", "setThing", "removeThing"].map((name) => [name, vi.fn()]));
  const session = {
    tool: null,
    scene: { ...scene, pick: () => pick },
    client: {
      place: {
        things: new Map([[5, bench]]),
        on: (event: string, listener: (value: never) => void) => {
          listeners[event] = listener;
          return () => undefined;
        },
      },
      call: (method: string, params: Record<string, unknown>) => {
        calls.push([method, params]);
        return answer(method);
      },
    },
  };
  notices.value = [];
  editor = new Editor(session as unknown as Session);
});

const settle = () => new Promise((later) => setTimeout(later, 0));

describe("Editor", () => {
  it("puts up what was chosen where one clicks, turned as the ghost was", () => {
    editor.choose("lamp");
    editor.hover(10, 10);
    expect(editor.press("turn")).toBe(true);
    expect(scene["ghost"]).toHaveBeenLastCalledWith("lamp", { position: [2.00004, 0, 3], yaw: Math.PI / 12, scale: 1 });
    editor.click(10, 10);
    expect(calls).toEqual([["entity.add", { model: "lamp", position: [2, 0, 3], yaw: 0.2618 }]]);
  });

  it("puts nothing on the heads of those who walk by", () => {
    editor.choose("lamp");
    editor.hover(10, 10);
    pick = { point: [2, 1.7, 3], person: 9 };
    editor.click(10, 10);
    expect(calls[0]?.[1]).toMatchObject({ position: [2, 0, 3] });
  });

  it("puts up nothing in the sky", () => {
    editor.choose("lamp");
    pick = { point: null };
    editor.click(10, 10);
    expect(calls).toEqual([]);
  });

  it("chooses a thing, drags it, and shows it where the host says in the end", async () => {
    pick = { point: [1, 0.4, 1], entity: 5 };
    editor.click(1, 1);
    expect(editor.selected.value).toBe(bench);
    expect(editor.dragStart(1, 1)).toBe(true);
    pick = { point: [4, 0, 4] };
    editor.dragMove(2, 2);
    expect(scene["removeThing"]).toHaveBeenCalledWith(5);
    answer = () => Promise.reject(new CallError(ErrorCode.conflict, "moved"));
    editor.dragEnd();
    expect(calls).toEqual([["entity.change", { entity: 5, position: [4, 0, 4] }]]);
    await settle();
    expect(scene["setThing"]).toHaveBeenLastCalledWith(bench);
    expect(notices.value[0]?.kind).toBe("problem");
  });

  it("does not drag what was not chosen", () => {
    pick = { point: [1, 0, 1], entity: 5 };
    expect(editor.dragStart(1, 1)).toBe(false);
  });

  it("follows changes by others, and lets go of what they removed", () => {
    pick = { point: [1, 0, 1], entity: 5 };
    editor.click(1, 1);
    (listeners["thing"] as (thing: Thing) => void)({ ...bench, scale: 2 });
    expect(editor.selected.value?.scale).toBe(2);
    (listeners["thingRemoved"] as (entity: number) => void)(5);
    expect(editor.selected.value).toBeNull();
  });

  it("takes back and does again, and says so when there is nothing", async () => {
    expect(editor.press("undo")).toBe(true);
    answer = () => Promise.reject(new CallError(ErrorCode.conflict, "nothing to undo"));
    editor.press("redo");
    await settle();
    expect(calls.map(([method]) => method)).toEqual(["undo", "redo"]);
    expect(notices.value.map((notice) => notice.text)).toEqual(["Undone.", "There is nothing to do again."]);
  });

  it("leaves keys alone that mean nothing to it", () => {
    expect(editor.press("escape")).toBe(false);
    expect(editor.press("delete")).toBe(false);
    expect(editor.press("chat")).toBe(false);
    editor.choose("lamp");
    expect(editor.press("escape")).toBe(true);
    expect(editor.model.value).toBeNull();
  });
});
