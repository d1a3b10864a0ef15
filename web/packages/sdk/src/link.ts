// One connection to the host that comes back by itself: exponential pauses with full jitter (so that thousands do not
// return in the same second), and an end when coming back would be wrong (replaced, removed, version).

import { Close, SUBPROTOCOL } from "@manyworlds/protocol";

export interface LinkHandlers {
  /** Connected; say hello. */
  up(): void;
  text(text: string): void;
  binary(bytes: Uint8Array<ArrayBuffer>): void;
  /** Lost; tries again in `retryMs`, or never when that is null. `attempt` counts failures since the last success. */
  down(code: number, reason: string, attempt: number, retryMs: number | null): void;
}

export interface LinkOptions {
  url: string;
  WebSocket?: typeof WebSocket;
  random?: () => number;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;
const CONNECT_TIMEOUT_MS = 10_000;
/** Clock answers come every few seconds at the least; a link that is silent for longer is dead without knowing. */
export const SILENT_MS = 12_000;
const FINAL: readonly number[] = [Close.replaced, Close.removed, Close.version];

export function pauseBefore(attempt: number, random: () => number): number {
  const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(10, attempt - 1));
  return Math.round(longest * (0.3 + 0.7 * random()));
}

export class Link {
  private socket: WebSocket | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private attempt = 0;
  private lastHeard = 0;
  private ended = false;

  constructor(
    private readonly options: LinkOptions,
    private readonly handlers: LinkHandlers,
  ) {}

  open(): void {
    clearTimeout(this.timer);
    this.ended = false;
    const Socket = this.options.WebSocket ?? WebSocket;
    const socket = new Socket(this.options.url, [SUBPROTOCOL]);
    this.socket = socket;
    socket.binaryType = "arraybuffer";
    this.timer = setTimeout(() => this.lose(socket, 0, "no answer"), CONNECT_TIMEOUT_MS);
    socket.onopen = () => {
      if (this.socket !== socket) return;
      clearTimeout(this.timer);
      this.lastHeard = performance.now();
      this.handlers.up();
    };
    socket.onmessage = (event: MessageEvent) => {
      if (this.socket !== socket) return;
      this.lastHeard = performance.now();
      if (typeof event.data === "string") this.handlers.text(event.data);
      else this.handlers.binary(new Uint8Array(event.data as ArrayBuffer));
    };
    socket.onclose = (event: CloseEvent) => this.lose(socket, event.code, event.reason);
    // Browsers let a close event follow, with this code; Node does not always.
    socket.onerror = () => this.lose(socket, 1006, "");
  }

  /** The hello was answered: the next failure counts from one again. */
  settled(): void {
    this.attempt = 0;
  }

  get connected(): boolean {
    return this.socket?.readyState === 1;
  }

  send(message: string | Uint8Array<ArrayBuffer>): boolean {
    if (!this.connected) return false;
    this.socket?.send(message);
    return true;
  }

  /** Unsent bytes: claims are left out while the link is choked, since a newer one follows. */
  get unsent(): number {
    return this.socket?.bufferedAmount ?? 0;
  }

  /** Gives a link up that has been silent for too long. Call it now and then. */
  check(now: number): void {
    if (this.socket && this.connected && now - this.lastHeard > SILENT_MS) this.lose(this.socket, 0, "silent");
  }

  /** Tries again at once (the network is back, or the person pressed the button). */
  retryNow(): void {
    if (this.socket || this.ended) return;
    this.open();
  }

  /** Closes this connection and comes back after a pause. */
  restart(code: number, reason: string): void {
    if (this.socket) this.lose(this.socket, code, reason);
  }

  /** Closes for good. */
  close(code = 1000, reason = ""): void {
    this.ended = true;
    clearTimeout(this.timer);
    const socket = this.socket;
    this.socket = null;
    socket?.close(code, reason);
  }

  private lose(socket: WebSocket, code: number, reason: string): void {
    if (this.socket !== socket) return;
    this.socket = null;
    clearTimeout(this.timer);
    if (socket.readyState < 2) socket.close();
    this.attempt++;
    if (FINAL.includes(code)) {
      this.ended = true;
      this.handlers.down(code, reason, this.attempt, null);
      return;
    }
    const pause = pauseBefore(this.attempt, this.options.random ?? Math.random);
    this.timer = setTimeout(() => this.open(), pause);
    this.handlers.down(code, reason, this.attempt, pause);
  }
}
