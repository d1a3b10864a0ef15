// JSON-RPC 2.0, the client's side, without I/O: texts and the time go in, texts and settled promises come out.
// https://www.jsonrpc.org/specification

import type { Calls, Notifications } from "./calls.ts";
import { CallError, ErrorCode } from "./errors.ts";

interface Pending {
  method: string;
  deadline: number;
  resolve: (value: unknown) => void;
  reject: (error: CallError) => void;
}

export interface OutgoingCall<R> {
  text: string;
  result: Promise<R>;
}

export interface Notification {
  method: string;
  params: unknown;
}

/** Calls that wait at once; further ones fail, since an answer that late would help nobody. */
export const MAX_PENDING = 256;

export class RpcClient {
  private nextId = 1;
  private readonly pending = new Map<number, Pending>();

  /** `now` and `timeout` in milliseconds of any steady clock. */
  call<M extends keyof Calls>(
    method: M,
    params: Calls[M]["params"],
    now: number,
    timeout = 10_000,
  ): OutgoingCall<Calls[M]["result"]> {
    if (this.pending.size >= MAX_PENDING) {
      const error = new CallError(ErrorCode.rateLimited, "too many calls wait for an answer", undefined, method);
      return { text: "", result: Promise.reject(error) };
    }
    const id = this.nextId++;
    const result = new Promise<Calls[M]["result"]>((resolve, reject) => {
      this.pending.set(id, { method, deadline: now + timeout, resolve: resolve as (value: unknown) => void, reject });
    });
    return { text: JSON.stringify({ jsonrpc: "2.0", id, method, params }), result };
  }

  /** Takes one text message; returns the notifications in it. What is not JSON-RPC is ignored: a newer host may know more. */
  receive(text: string): Notification[] {
    let message: unknown;
    try {
      message = JSON.parse(text);
    } catch {
      return [];
    }
    const notifications: Notification[] = [];
    for (const item of Array.isArray(message) ? message : [message]) this.receiveOne(item, notifications);
    return notifications;
  }

  /** Fails what is overdue. Call it now and then. */
  expire(now: number): void {
    for (const [id, call] of this.pending) {
      if (now < call.deadline) continue;
      this.pending.delete(id);
      call.reject(new CallError(ErrorCode.timeout, `no answer to ${call.method} in time`, undefined, call.method));
    }
  }

  /** Fails everything that waits: the link is gone. */
  abandon(): void {
    const waiting = [...this.pending.values()];
    this.pending.clear();
    for (const call of waiting) {
      call.reject(new CallError(ErrorCode.disconnected, "the connection closed", undefined, call.method));
    }
  }

  get waiting(): number {
    return this.pending.size;
  }

  private receiveOne(item: unknown, notifications: Notification[]): void {
    if (typeof item !== "object" || item === null) return;
    const message = item as { id?: unknown; method?: unknown; params?: unknown; result?: unknown; error?: unknown };
    if (typeof message.method === "string" && message.id === undefined) {
      notifications.push({ method: message.method, params: message.params ?? {} });
      return;
    }
    const call = typeof message.id === "number" ? this.pending.get(message.id) : undefined;
    if (!call) return;
    this.pending.delete(message.id as number);
    const error = message.error as { code?: unknown; message?: unknown; data?: unknown } | undefined;
    if (error && typeof error === "object") {
      const code = typeof error.code === "number" ? error.code : ErrorCode.internal;
      call.reject(new CallError(code, String(error.message ?? ""), error.data, call.method));
    } else {
      call.resolve(message.result);
    }
  }
}

export function isNotification<M extends keyof Notifications>(
  notification: Notification,
  method: M,
): notification is { method: M; params: Notifications[M] } {
  return notification.method === method;
}
