import { signal } from "@preact/signals";
import type { Session } from "../session.ts";

/** There once picture and core are loaded. */
export const session = signal<Session | null>(null);
