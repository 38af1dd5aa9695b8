import { defineConfig } from "vitest/config";

/** What Neon's client makes of values by itself: in the same process drizzle sets its parsers for all. */
const PARSERS = "cluster/local/neon/neon.live.test.ts";

/**
 * `npm test` runs every project below: no service, root, Docker or cluster is needed. The suites that need
 * more (a real PostgreSQL, a browser, a cluster) are in tests/suites.config.ts and run by .ci/run.
 */
export default defineConfig({
  test: {
    globalSetup: ["tests/harness/once-a-run.ts"],
    // Many wait more than they work.
    maxWorkers: 3,
    // A file's imports cost more than its tests: a worker keeps them for its next file.
    isolate: false,
    projects: [
      // The Durable Objects, in workerd.
      "workers/vitest.config.ts",
      {
        test: {
          name: "unit",
          include: ["{schema,workers,fleet-agent,cluster,tests/bench,tests/simulation,tests/house}/**/*.test.ts"],
          exclude: ["**/*.live.test.ts", "**/*.worker.test.ts", "**/node_modules/**"],
          // Some are all computing: a busy machine takes its time.
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: "local",
          include: ["{schema,workers,cluster,fleet-agent}/**/*.live.test.ts"],
          exclude: [PARSERS, "**/node_modules/**"],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      { test: { name: "parsers", include: [PARSERS], isolate: true, testTimeout: 30_000, hookTimeout: 60_000 } },
      {
        test: {
          name: "integration",
          include: ["tests/{integration,clients/npm}/**/*.test.ts"],
          // Minutes of it: with the servers' suite.
          exclude: ["tests/integration/proxy/storm.test.ts", "tests/integration/edge/rollouts.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: "e2e",
          include: ["tests/e2e/**/*.test.ts"],
          exclude: ["tests/e2e/backup.test.ts"],
          testTimeout: 240_000,
          hookTimeout: 240_000,
        },
      },
    ],
  },
});
