// Addresses of the pages.

/** The world of "/w/NAME". */
export function worldInPath(path: string): string | null {
  const match = /^\/w\/([a-z0-9][a-z0-9_-]{0,63})\/?$/.exec(path);
  return match?.[1] ?? null;
}
