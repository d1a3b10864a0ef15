import { describe, expect, it } from "vitest";
import { CallError, ErrorCode } from "./errors.ts";
import { MAX_PENDING, RpcClient } from "./rpc.ts";

describe("RpcClient", () => {
  it("matches answers to calls by id, in any order", async () => {
    const rpc = new RpcClient();
    const first = rpc.call("world.list", {}, 0);
    const second = rpc.call("undo", {}, 0);
    const idOf = (text: string) => (JSON.parse(text) as { id: number }).id;
    rpc.receive(JSON.stringify({ jsonrpc: "2.0", id: idOf(second.text), result: { sequence: 4 } }));
    rpc.receive(JSON.stringify({ jsonrpc: "2.0", id: idOf(first.text), result: { worlds: [] } }));
    expect(await first.result).toEqual({ worlds: [] });
    expect(await second.result).toEqual({ sequence: 4 });
    expect(rpc.waiting).toBe(0);
  });

  it("turns an error into a CallError with key and field", async () => {
    const rpc = new RpcClient();
    const call = rpc.call("chat.say", { text: "" }, 0);
    const { id } = JSON.parse(call.text) as { id: number };
    rpc.receive(
      JSON.stringify({ id, error: { code: -32602, message: "text: empty", data: { field: "text", message: "empty" } } }),
    );
    const error = await call.result.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(CallError);
    expect((error as CallError).key).toBe("params");
    expect((error as CallError).field).toBe("text");
    expect((error as CallError).method).toBe("chat.say");
  });

  it("fails what is overdue, and only that", async () => {
    const rpc = new RpcClient();
    const slow = rpc.call("undo", {}, 0, 100);
    const patient = rpc.call("redo", {}, 0, 1000);
    rpc.expire(100);
    await expect(slow.result).rejects.toMatchObject({ code: ErrorCode.timeout });
    expect(rpc.waiting).toBe(1);
    rpc.abandon();
    await expect(patient.result).rejects.toMatchObject({ code: ErrorCode.disconnected });
  });

  it("returns notifications and shrugs at nonsense", () => {
    const rpc = new RpcClient();
    expect(rpc.receive("{nonsense")).toEqual([]);
    expect(rpc.receive("null")).toEqual([]);
    expect(rpc.receive('{"id":77,"result":1}')).toEqual([]);
    expect(rpc.receive('[{"jsonrpc":"2.0","method":"world.queue","params":{"position":2}}]')).toEqual([
      { method: "world.queue", params: { position: 2 } },
    ]);
  });

  it("bounds the calls that wait", async () => {
    const rpc = new RpcClient();
    const calls = Array.from({ length: MAX_PENDING }, () => rpc.call("undo", {}, 0).result.catch(() => undefined));
    await expect(rpc.call("undo", {}, 0).result).rejects.toMatchObject({ code: ErrorCode.rateLimited });
    rpc.abandon();
    await Promise.all(calls);
  });
});
