// The bytes of the wire are the protocol package's business; the client takes them from there.
export * from "@manyworlds/protocol/frames.ts";
