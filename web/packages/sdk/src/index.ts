export * from "./account.ts";
export * from "./avatars.ts";
export * from "./client.ts";
export * from "./clock.ts";
export { Emitter } from "./emitter.ts";
export * from "./place.ts";
export * from "./player.ts";
export * from "./quality.ts";
export * from "./store.ts";
