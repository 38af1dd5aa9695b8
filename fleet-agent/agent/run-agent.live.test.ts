import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { newId } from "#schema/domain/ids.ts";
import { until } from "#tests/harness/until.ts";
import type { BoxHealth, Driver } from "../drivers/driver.ts";
import { createLog } from "../log.ts";
import { type FakeEdge, grantBox, startFakeEdge } from "../testing/fake-edge.ts";
import { sampleBox } from "../testing/sample-box.ts";
import type { Term } from "./leader/election.ts";
import { runAgent } from "./run-agent.ts";
import { createVitals } from "./server/vitals.ts";

let edge: FakeEdge;
beforeEach(async () => {
  edge = await startFakeEdge();
});
afterEach(() => edge.close());

function start(driver: Partial<Driver>, term?: Term) {
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
  const vitals = createVitals();
  const log = createLog("silent");
  const ended = runAgent({ config, driver: whole, log, drain: drain.signal, vitals, ...(term && { term }) });
  return { drain, state, ended, vitals };
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

describe("the leader of several", () => {
  function startTerm() {
    const lost = new AbortController();
    const term = {
      lost: lost.signal,
      holds: () => !lost.signal.aborted,
      predecessor: "pod-0",
      release: async () => undefined,
    };
    return { lost, term };
  }

  it("tells the edge whom it replaces, and when it loses its lease stops its jobs, gives them back and leaves", async () => {
    const { lost, term } = startTerm();
    const writes: string[] = [];
    const { state, ended } = start(
      {
        reconcile: async (_box, guard) => {
          guard.check();
          writes.push("one");
          await new Promise((resolve) => guard.signal.addEventListener("abort", resolve));
          guard.check();
          writes.push("two");
        },
      },
      term,
    );
    await until("hello", () => hellos().length === 1);
    expect(hellos()[0]).toMatchObject({ instance: "pod-1", replaces: "pod-0" });
    edge.send({ type: "grant", grant: grantBox(edge, sampleBox()) });
    await until("the first write", () => writes.length === 1);

    lost.abort();
    await ended;
    expect(writes).toEqual(["one"]);
    expect(edge.callsOf("/complete").map(({ body }) => body.outcome)).toEqual(["failed"]);
    expect(hellos().at(-1)).not.toHaveProperty("replaces");
    expect(state.stopped).toBe(true);
  });

  it("is ready while the edge can hand it jobs", async () => {
    const { term } = startTerm();
    edge.refuseSockets = true;
    const { drain, vitals, ended } = start({}, term);
    await until("the condition", () => vitals.ready()[0]?.includes("mailbox"));
    edge.refuseSockets = false;
    await until("the mailbox", () => vitals.ready().length === 0);
    drain.abort();
    await ended;
    expect(vitals.live()).toEqual([]);
  });
});
