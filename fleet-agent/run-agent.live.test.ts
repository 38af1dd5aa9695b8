import { afterEach, beforeEach, expect, it } from "vitest";
import { newId } from "#schema/domain/ids.ts";
import { until } from "#tests/harness/until.ts";
import type { BoxHealth, Driver } from "./driver.ts";
import { createLog } from "./log.ts";
import { runAgent } from "./run-agent.ts";
import { type FakeEdge, grantBox, startFakeEdge } from "./testing/fake-edge.ts";
import { sampleBox } from "./testing/sample-box.ts";

let edge: FakeEdge;
beforeEach(async () => {
  edge = await startFakeEdge();
});
afterEach(() => edge.close());

function start(driver: Partial<Driver>) {
  const drain = new AbortController();
  const state = { stopped: false };
  const whole: Driver = {
    reconcile: async () => undefined,
    observe: async () => [],
    stop: async () => {
      state.stopped = true;
    },
    ...driver,
  };
  const config = {
    edgeUrl: edge.url,
    clusterId: "c1",
    agentKey: edge.key,
    capacity: 2,
    drainMs: 10_000,
    instance: "pod-1",
  };
  const ended = runAgent({ config, driver: whole, log: createLog("silent"), drain: drain.signal });
  return { drain, state, ended };
}
const hellos = () => edge.heard.map((text) => JSON.parse(text));

it("runs what it is granted, reports health, and leaves in order: no new job, the running one to its end, then the driver", async () => {
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  const { drain, state, ended } = start({ reconcile: () => gate });
  await until("hello", () => hellos().length === 1);
  const grant = grantBox(edge, sampleBox());
  edge.send({ type: "grant", grant });
  await until("the job's first heartbeat", () => edge.callsOf("/heartbeat").length === 1);
  await until("a sign of life", () => edge.callsOf("/health").length === 1);

  drain.abort();
  const held = [{ job_id: grant.job_id, fence: grant.fence }];
  await until("the second hello", () => hellos().length === 2);
  expect(hellos()[1]).toEqual({ type: "hello", capacity: 0, running: held, instance: "pod-1" });
  expect(state.stopped).toBe(false);
  open();
  await ended;
  expect(edge.callsOf("/complete").length).toBe(1);
  expect(state.stopped).toBe(true);
});

it("splits health into reports of a thousand boxes", async () => {
  const boxes: BoxHealth[] = Array.from({ length: 2_001 }, () => ({
    box_id: newId(),
    health: "healthy",
    reason: null,
  }));
  const { drain, ended } = start({ observe: async () => boxes });
  await until("three reports", () => edge.callsOf("/health").length === 3);
  const sizes = edge.callsOf("/health").map(({ body }) => (Array.isArray(body.boxes) ? body.boxes.length : 0));
  expect(sizes).toEqual([1_000, 1_000, 1]);
  drain.abort();
  await ended;
});

it("goes on when health can't be seen", async () => {
  const { drain, ended } = start({ observe: () => Promise.reject(new Error("blind")) });
  await until("hello", () => hellos().length === 1);
  edge.send({ type: "grant", grant: grantBox(edge, sampleBox()) });
  await until("the completion", () => edge.callsOf("/complete").length === 1);
  drain.abort();
  await ended;
});
