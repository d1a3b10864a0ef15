import { defineConfig } from "vitest/config";

// One browser at a time: the figures (joining time) would otherwise measure the other tests.
export default defineConfig({
  test: { include: ["*.e2e.ts"], testTimeout: 300_000, hookTimeout: 300_000, fileParallelism: false },
});
