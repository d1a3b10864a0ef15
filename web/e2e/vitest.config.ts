import { defineConfig } from "vitest/config";

// One browser at a time: the figures (joining time) would otherwise measure the other tests. A test that fails is tried once more,
// and the report says so: the picture is drawn by the processor, and a machine that does other work for some seconds is no defect.
export default defineConfig({
  test: { include: ["*.e2e.ts"], testTimeout: 120_000, hookTimeout: 120_000, fileParallelism: false, retry: 1 },
});
