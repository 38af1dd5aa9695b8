import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { LongestFirst } from "./harness/longest-first.ts";

/**
 * The suites that need more than `npm test` may ask for. .ci/run brings what they need and runs them:
 *   servers   what can take a real PostgreSQL (TEST_POSTGRES_URL) in place of PGlite, and what takes minutes
 *   clients   the vendors' and others' Python clients (python3 with venv; the packages come from PyPI)
 *   browser   the pages in headless Chromium (CHROMIUM_PATH or /usr/bin/chromium)
 *   cluster   real pods of the real gateway on a Kubernetes cluster that enforces network policies (KUBECONFIG,
 *             GATEWAY_IMAGE and its variants of tests/harness/image-variants.ts, AGENT_IMAGE, EDGE_HOST; OUTSIDE_HOST and
 *             something that answers at 169.254.169.254:80). Its files run side by side, most of the time waiting: each with
 *             its own stack, agent and boxes. What says something of the whole cluster runs alone, after them
 *   resolver  the optional resolver for boxes: as cluster, with a CoreDNS that forwards (RESOLVER_IMAGE, or the one of its
 *             manifest). By hand: the CoreDNS of the cluster that .ci/run brings knows the cluster's own names only
 */
const ROOT = new URL("..", import.meta.url).pathname;

/** `npm test` has run them on PGlite. */
const canTakePostgres = (file: string) => readFileSync(join(ROOT, file), "utf8").includes("TEST_POSTGRES_URL");

export default defineConfig({
  root: ROOT,
  test: {
    globalSetup: ["tests/harness/once-a-run.ts"],
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: "servers",
          include: [
            ...globSync("{cluster,schema,workers}/**/*.live.test.ts", { cwd: ROOT }).filter(canTakePostgres),
            "tests/simulation/*.live.test.ts",
            "tests/integration/proxy/storm.test.ts",
            "tests/integration/edge/rollouts.test.ts",
            "tests/e2e/backup.test.ts",
          ],
          testTimeout: 240_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: "clients",
          include: ["tests/clients/python/**/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: "browser",
          include: ["tests/browser/**/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "cluster",
          include: ["tests/cluster/*.test.ts"],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          globalSetup: ["tests/harness/manifests.ts"],
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: "cluster-alone",
          include: ["tests/cluster/alone/*.test.ts"],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          globalSetup: ["tests/harness/manifests.ts"],
          fileParallelism: false,
        },
      },
      {
        test: {
          name: "resolver",
          include: ["tests/resolver/**/*.test.ts"],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          globalSetup: ["tests/harness/manifests.ts"],
          fileParallelism: false,
        },
      },
    ],
  },
});
