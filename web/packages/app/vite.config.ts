import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { defineConfig, type Plugin } from "vite";

const root = import.meta.dirname;
const wasm = process.env["MW_WASM"] ?? resolve(root, "../../../build/wasm/manyworlds.wasm");
if (!existsSync(wasm)) console.warn(`${wasm} is missing: run tools/build-wasm.sh first`);

/** Imported late only so that the interface shows first: the browser may fetch them at once. */
const SOON = /app\/src\/(session|core)\.ts$|scene\/src\/index\.ts$/;

const preloadWhatWalkingNeeds: Plugin = {
  name: "preload-what-walking-needs",
  transformIndexHtml: {
    order: "post",
    handler(_html, { bundle, path }) {
      if (path !== "/index.html") return [];
      const files = Object.values(bundle ?? {});
      const scripts = files.filter((file) => file.type === "chunk" && SOON.test(file.facadeModuleId ?? ""));
      const bytes = files.filter((file) => /manyworlds-.*\.wasm$/.test(file.fileName));
      const link = (attrs: Record<string, string>, fileName: string) => ({
        tag: "link",
        attrs: { ...attrs, crossorigin: "", href: `/${fileName}` },
        injectTo: "head" as const,
      });
      return [
        ...scripts.map((file) => link({ rel: "modulepreload" }, file.fileName)),
        ...bytes.map((file) => link({ rel: "preload", as: "fetch" }, file.fileName)),
      ];
    },
  },
};

export default defineConfig({
  root,
  // The page is served at / and at /w/<world>: assets are addressed from the host's root.
  base: "/",
  resolve: { alias: [{ find: /^virtual-wasm/, replacement: wasm }] },
  plugins: [preloadWhatWalkingNeeds],
  build: {
    outDir: resolve(root, "../../dist"),
    emptyOutDir: true,
    rolldownOptions: { input: { index: resolve(root, "index.html"), sla: resolve(root, "sla.html"), visit: resolve(root, "visit.html"), give: resolve(root, "give.html"), friends: resolve(root, "friends.html") } },
    target: "es2022",
    // The content security policy allows no data: URL for scripts or styles, and everything hashed caches for ever.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
    chunkSizeWarningLimit: 1000,
    sourcemap: false,
  },
  server: { proxy: { "/connect": { target: "ws://127.0.0.1:8080", ws: true } } },
});
