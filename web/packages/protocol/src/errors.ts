// Errors of calls: schema/calls.md. People read a translation chosen by the code; the message is for logs.

export const ErrorCode = {
  parse: -32700,
  request: -32600,
  method: -32601,
  params: -32602,
  internal: -32603,
  version: -32000,
  forbidden: -32001,
  notFound: -32002,
  conflict: -32003,
  full: -32004,
  tooLarge: -32005,
  rateLimited: -32006,
  unavailable: -32007,
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
