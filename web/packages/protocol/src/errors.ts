// Errors of calls: schema/calls.md. People read a translation chosen by the code; the message is for logs.

import { ErrorCode as Host } from "./calls.gen.ts";

export const ErrorCode = {
  parse: Host.parse,
  request: Host.request,
  method: Host.method,
  params: Host.params,
  internal: Host.internal,
  version: Host.version,
  forbidden: Host.forbidden,
  notFound: Host.not_found,
  conflict: Host.conflict,
  full: Host.full,
  tooLarge: Host.too_large,
  rateLimited: Host.rate_limited,
  unavailable: Host.unavailable,
  /** Ours alone, never on the wire: no answer in time, or the link broke before one came. */
  timeout: -1,
  disconnected: -2,
} as const;

export type ErrorKey = keyof typeof ErrorCode;

const keys = new Map<number, ErrorKey>(Object.entries(ErrorCode).map(([key, code]) => [code, key as ErrorKey]));

export class CallError extends Error {
  override readonly name = "CallError";
  constructor(
    readonly code: number,
    message: string,
    readonly data: unknown = undefined,
    readonly method = "",
  ) {
    super(message);
  }

  /** A name for the code, to translate by. */
  get key(): ErrorKey {
    return keys.get(this.code) ?? "internal";
  }

  /** The field that a params error names. */
  get field(): string | undefined {
    const data = this.data;
    return typeof data === "object" && data !== null && "field" in data ? String(data.field) : undefined;
  }
}
