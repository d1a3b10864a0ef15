// The name of a host, as people write it: with or without the scheme, a path, capital letters.

import { AUTHORITY } from "@manyworlds/sdk";

/** "home.example" or "home.example:8443"; null where that is none. */
export function homeIn(text: string): string | null {
  const trimmed = text.trim().toLowerCase();
  const url = URL.parse(/^https?:\/\//.test(trimmed) ? trimmed : `https://${trimmed}`);
  return url && AUTHORITY.test(url.host) ? url.host : null;
}
