import { expect, test } from "vitest";
import { newId } from "#schema/domain/ids.ts";
import type { Driver } from "../../drivers/driver.ts";
import { createMetrics } from "./agent-metrics.ts";

const idle: Driver = { reconcile: async () => undefined, observe: async () => [], stop: async () => undefined };
const box = { reason: null, code: null, restarts: 0 };
const series = async (registry: { metrics(): Promise<string> }, name: string) =>
  (await registry.metrics()).split("\n").filter((line) => line.startsWith(name) && !line.startsWith("#"));

test("jobs are counted by type and outcome, and held while they run", async () => {
  const { registry, jobs } = createMetrics();
  jobs.started("provision");
  jobs.started("update");
  jobs.ended("provision", "succeeded", 9);
  expect(await series(registry, "fleet_agent_jobs")).toEqual([
    "fleet_agent_jobs_running 1",
    'fleet_agent_jobs_total{type="provision",outcome="succeeded"} 1',
  ]);
  const took = await series(registry, "fleet_agent_job_duration_seconds_bucket");
  expect(took).toContain('fleet_agent_job_duration_seconds_bucket{le="8",type="provision",outcome="succeeded"} 0');
  expect(took).toContain('fleet_agent_job_duration_seconds_bucket{le="13",type="provision",outcome="succeeded"} 1');
});

test("boxes are counted by health, and forgotten when this process no longer works", async () => {
  const { registry, watchBoxes } = createMetrics();
  const driver = watchBoxes({
    ...idle,
    observe: async () => [
      { ...box, box_id: newId(), health: "healthy" },
      { ...box, box_id: newId(), health: "healthy" },
      { ...box, box_id: newId(), health: "unhealthy" },
    ],
  });
  await driver.observe();
  expect(await series(registry, "fleet_agent_boxes")).toEqual([
    'fleet_agent_boxes{health="healthy"} 2',
    'fleet_agent_boxes{health="unhealthy"} 1',
    'fleet_agent_boxes{health="unknown"} 0',
  ]);
  await driver.stop();
  expect(await series(registry, "fleet_agent_boxes")).toEqual([]);
});

test("requests to the API server and watches are told by kind", async () => {
  const { registry, kube } = createMetrics();
  kube.requests({ verb: "apply", resource: "secrets", code: "200", seconds: 0.02 });
  kube.requests({ verb: "apply", resource: "secrets", code: "error", seconds: 30 });
  kube.watchRestarted("pods", "gone");
  expect(await series(registry, "fleet_agent_kube_requests_total")).toEqual([
    'fleet_agent_kube_requests_total{verb="apply",resource="secrets",code="200"} 1',
    'fleet_agent_kube_requests_total{verb="apply",resource="secrets",code="error"} 1',
  ]);
  expect(await series(registry, "fleet_agent_watch_restarts_total")).toEqual([
    'fleet_agent_watch_restarts_total{resource="pods",reason="gone"} 1',
  ]);
});

test("the mailbox's transport is asked for at each look", async () => {
  const { registry, mailbox } = createMetrics();
  let transport: string | undefined = "poll";
  mailbox(() => transport);
  expect(await series(registry, "fleet_agent_mailbox")).toContain('fleet_agent_mailbox_connected{transport="poll"} 1');
  transport = undefined;
  expect(await series(registry, "fleet_agent_mailbox")).toEqual([
    'fleet_agent_mailbox_connected{transport="socket"} 0',
    'fleet_agent_mailbox_connected{transport="poll"} 0',
  ]);
});
