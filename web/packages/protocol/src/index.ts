export * from "./calls.ts";
export * from "./core.ts";
export * from "./errors.ts";
export * from "./rpc.ts";
export * from "./version.ts";
