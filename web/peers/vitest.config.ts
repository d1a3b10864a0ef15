import { defineConfig } from "vitest/config";

// didwebvh-ts writes what it resolves to a folder where NODE_ENV is "test".
export default defineConfig({
  test: { include: ["*.test.ts"], environment: "node", testTimeout: 120_000, env: { NODE_ENV: "production" } },
});
