// What both sides must agree on before anything else.

export const PROTOCOL = 1;
export const SUBPROTOCOL = `manyworlds.${PROTOCOL}`;

/** Close codes of the connection: RFC 6455, 7.4.2; 4000 and up are ours (schema/frames.md). */
export const Close = {
  goingAway: 1001,
  badMessage: 1007,
  policy: 1008,
  tooBig: 1009,
  tooSlow: 4001,
  replaced: 4002,
  removed: 4003,
  version: 4004,
} as const;
