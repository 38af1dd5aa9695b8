import { afterEach, beforeEach, expect, test } from "vitest";
import type { Listening } from "#cluster/system/listen.ts";
import { createMetrics } from "../metrics/agent-metrics.ts";
import { startProbeServer } from "./probe-server.ts";
import { createVitals, type Vitals } from "./vitals.ts";

let server: Listening;
let vitals: Vitals;
let now = 0;
beforeEach(async () => {
  now = 0;
  vitals = createVitals(() => now);
  server = await startProbeServer({ port: 0, host: "127.0.0.1", registry: createMetrics().registry, vitals });
});
afterEach(() => server.close());

const ask = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${server.port}${path}`, init);

test("says what is wrong where something is", async () => {
  vitals.pulse("the election", 1_000);
  vitals.need("mailbox", () => "the mailbox can't be reached");
  expect((await ask("/healthz")).status).toBe(200);
  const unready = await ask("/readyz");
  expect(unready.status).toBe(503);
  expect(await unready.json()).toEqual({ status: "failing", problems: ["the mailbox can't be reached"] });

  now = 2_000;
  vitals.need("mailbox", () => undefined);
  expect((await ask("/healthz")).status).toBe(503);
  expect((await ask("/readyz")).status).toBe(200);
});

test("shows metrics in Prometheus' text format, the process's own among them", async () => {
  const answer = await ask("/metrics");
  expect(answer.headers.get("content-type")).toContain("text/plain; version=0.0.4");
  const text = await answer.text();
  expect(text).toMatch(/^process_resident_memory_bytes \d+/m);
  expect(text).toMatch(/^fleet_agent_leader 0$/m);
  expect(text).toMatch(/^fleet_agent_mailbox_connected\{transport="socket"\} 0$/m);
});

test("has nothing else, and nothing to write", async () => {
  expect((await ask("/")).status).toBe(404);
  expect((await ask("/metrics", { method: "POST", body: "x" })).status).toBe(405);
});
