import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

/** The Durable Objects' own tests, in workerd: storage, alarms and evictions are the real ones. */
export default defineConfig({
  plugins: [
    cloudflareTest({
      main: new URL("./testing/entry.ts", import.meta.url).pathname,
      miniflare: {
        compatibilityDate: "2026-11-01",
        durableObjects: {
          TOKEN_METER: { className: "TokenMeter", useSQLite: true },
          FLEET_MAILBOX: { className: "FleetMailbox", useSQLite: true },
        },
      },
    }),
  ],
  test: {
    name: "workerd",
    // As all projects that run beside it.
    maxWorkers: 3,
    // Each test has an object of its own: the files can share a worker, and none waits a second for one.
    isolate: false,
    root: new URL(".", import.meta.url).pathname,
    include: ["**/*.worker.test.ts"],
    onConsoleLog: () => false,
  },
});
