export * from "./types.ts";
export { createScene } from "./scene.ts";
