import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { defineConfig } from "vite";

const root = import.meta.dirname;
const wasm = process.env["MW_WASM"] ?? resolve(root, "../../../build/wasm/manyworlds.wasm");
if (!existsSync(wasm)) console.warn(`${wasm} is missing: run tools/build-wasm.sh first`);

export default defineConfig({
  root,
  // The page is served at / and at /w/<world>: assets are addressed from the host's root.
  base: "/",
  resolve: { alias: { "virtual-wasm": wasm } },
  build: {
    outDir: resolve(root, "../../dist"),
    emptyOutDir: true,
    target: "es2022",
    // The content security policy allows no data: URL for scripts or styles, and everything hashed caches for ever.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
    sourcemap: false,
  },
  server: { proxy: { "/connect": { target: "ws://127.0.0.1:8080", ws: true } } },
});
