import { resolve } from "node:path";
import { defineConfig } from "vite";

// The custom element: one classic script under a fixed name, so that pages of other hosts can load it without CORS.
export default defineConfig({
  root: import.meta.dirname,
  publicDir: false,
  build: {
    outDir: resolve(import.meta.dirname, "../../dist"),
    emptyOutDir: false,
    target: "es2022",
    lib: { entry: resolve(import.meta.dirname, "src/world-view.ts"), formats: ["iife"], name: "manyworldsWorldView", fileName: () => "world-view.js" },
  },
});
