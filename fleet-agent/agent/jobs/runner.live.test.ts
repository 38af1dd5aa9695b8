import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sleep } from "#cluster/system/retry.ts";
import type { DesiredBox } from "#schema/contracts/fleet.ts";
import { until } from "#tests/harness/until.ts";
import { type Driver, DriverFailure } from "../../drivers/driver.ts";
import { createLog } from "../../log.ts";
import { type FakeEdge, grantBox, startFakeEdge } from "../../testing/fake-edge.ts";
import { sampleBox } from "../../testing/sample-box.ts";
import { createEdgeClient } from "../edge/edge-client.ts";
import { createRunner } from "./runner.ts";

const WRITES = 5;

/** Writes five times with a gate between, checking its lease as a driver must. */
function fakeDriver() {
  const writes: string[] = [];
  const state = { gate: Promise.resolve(), running: 0, mostPerBox: 0 };
  const reconcile: Driver["reconcile"] = async (desired, guard, report) => {
    state.running++;
    state.mostPerBox = Math.max(state.mostPerBox, state.running);
    try {
      for (let n = 1; n <= WRITES; n++) {
        guard.check();
        writes.push(`${desired.fence}.${n}`);
        await report(`step ${n}`, "written");
        if (n === 1) await Promise.race([state.gate, sleep(60_000, guard.signal)]);
      }
    } finally {
      state.running--;
    }
  };
  return {
    writes,
    state,
    driver: { reconcile, observe: async () => [], stop: async () => undefined } satisfies Driver,
  };
}

let edge: FakeEdge;
beforeEach(async () => {
  edge = await startFakeEdge();
});
afterEach(() => edge.close());

function start(driver: Driver) {
  const client = createEdgeClient({ edgeUrl: edge.url, sign: edge.sign });
  const runner = createRunner({ edge: client, driver, log: createLog("silent"), capacity: 4, heartbeatMs: 50 });
  const grant = (box: DesiredBox, more = {}) => {
    const made = grantBox(edge, box, more);
    runner.message({ type: "grant", grant: made });
    return made;
  };
  const idle = () => until("no job runs", () => runner.hello().running.length === 0);
  return { runner, grant, idle };
}

/** A gate that holds drivers after their first write. */
function closeGate(state: { gate: Promise<void> }) {
  const { promise, resolve } = Promise.withResolvers<void>();
  state.gate = promise;
  return resolve;
}

describe("a job", () => {
  it("fetches the box under its fence, reports its steps in order, and completes with the generation it applied", async () => {
    const { driver } = fakeDriver();
    const { grant, idle } = start(driver);
    const { job_id } = grant(sampleBox({ generation: 9, fence: 4 }));
    await idle();
    expect(edge.callsOf("/box")[0]?.query.get("fence")).toBe("4");
    expect(edge.callsOf("/progress").map(({ body }) => body.step)).toEqual([1, 2, 3, 4, 5].map((n) => `step ${n}`));
    expect(edge.calls.filter(({ path }) => !path.endsWith("/heartbeat")).at(-1)).toMatchObject({
      path: `/fleet/jobs/${job_id}/complete`,
      body: { outcome: "succeeded", fence: 4, observed_generation: 9 },
    });
  });

  it("beats while it works, and stops when it is done", async () => {
    const { driver, state } = fakeDriver();
    const open = closeGate(state);
    const { grant, idle } = start(driver);
    grant(sampleBox());
    await until("four heartbeats", () => edge.callsOf("/heartbeat").length >= 4);
    open();
    await idle();
    const endedBefore = edge.calls.length;
    const reopen = closeGate(state);
    const { job_id } = grant(sampleBox());
    const later = () => edge.calls.slice(endedBefore).filter(({ path }) => path.endsWith("/heartbeat"));
    await until("four heartbeats of the next job", () => later().length >= 4);
    reopen();
    await idle();
    expect(new Set(later().map(({ path }) => path))).toEqual(new Set([`/fleet/jobs/${job_id}/heartbeat`]));
  });

  it("tells the driver's failure in its words, and hides the text of an unexpected error", async () => {
    const failure = { code: "image" as const, message: "The image is gone.", retryable: false };
    for (const [error, expected] of [
      [new DriverFailure(failure), failure],
      [
        new Error("canary secret"),
        { code: "internal", message: expect.not.stringContaining("canary"), retryable: true },
      ],
    ] as const) {
      const { driver } = fakeDriver();
      const { grant, idle } = start({ ...driver, reconcile: () => Promise.reject(error) });
      grant(sampleBox());
      await idle();
      expect(edge.callsOf("/complete").at(-1)?.body).toMatchObject({ outcome: "failed", failure: expected });
    }
  });

  it("fails with the edge's answer where the box can't be fetched", async () => {
    const { driver, writes } = fakeDriver();
    const { grant, idle } = start(driver);
    const { job_id } = grant(sampleBox());
    edge.boxes.delete(job_id);
    await idle();
    expect(writes).toEqual([]);
    expect(edge.callsOf("/complete")[0]?.body).toMatchObject({ outcome: "failed", failure: { code: "edge_refused" } });
  });
});

describe("a lost lease", () => {
  const lostBy = {
    "a heartbeat that is refused": () => {
      edge.answer = ({ path }) =>
        path.endsWith("/heartbeat") ? { status: 409, body: { code: "lease_lost" } } : undefined;
    },
    "a step that is refused": () => {
      edge.answer = ({ path }) =>
        path.endsWith("/progress") ? { status: 409, body: { code: "lease_lost" } } : undefined;
    },
  };

  it.each(Object.entries(lostBy))("by %s: no further write, and nothing is completed", async (_name, lose) => {
    const { driver, writes, state } = fakeDriver();
    const open = closeGate(state);
    const { grant, idle } = start(driver);
    lose();
    grant(sampleBox({ fence: 7 }));
    await idle();
    open();
    expect(writes.length).toBeLessThan(WRITES);
    expect(edge.callsOf("/complete")).toEqual([]);
  });

  it("by the edge's abort: what waits ends at once", async () => {
    const { driver, writes, state } = fakeDriver();
    closeGate(state);
    const { runner, grant, idle } = start(driver);
    const { job_id } = grant(sampleBox());
    await until("the first write", () => writes.length === 1);
    runner.message({ type: "abort", job_id });
    await idle();
    expect(writes.length).toBe(1);
    expect(edge.callsOf("/complete")).toEqual([]);
  });

  it("writes nothing at all before the first heartbeat confirmed an old grant", async () => {
    edge.answer = ({ path }) =>
      path.endsWith("/heartbeat") ? { status: 409, body: { code: "lease_lost" } } : undefined;
    const { driver, writes } = fakeDriver();
    const { grant, idle } = start(driver);
    grant(sampleBox());
    await idle();
    expect(writes).toEqual([]);
  });
});

describe("a job that a newer one waits for", () => {
  const stops = {
    "the edge's message": (_edge: FakeEdge, tell: () => void) => tell(),
    "the answer to a heartbeat": (fake: FakeEdge) => {
      fake.answer = ({ path }) =>
        path.endsWith("/heartbeat") ? { status: 409, body: { code: "superseded" } } : undefined;
    },
  };

  it.each(Object.entries(stops))(
    "is ended by %s, and that is told once nothing writes any more",
    async (_name, stop) => {
      const { driver, writes, state } = fakeDriver();
      closeGate(state);
      let ended = false;
      const reconcile: Driver["reconcile"] = async (...all) => {
        await driver.reconcile(...all).finally(async () => {
          await sleep(50);
          ended = true;
        });
      };
      const { runner, grant, idle } = start({ ...driver, reconcile });
      const { job_id } = grant(sampleBox({ fence: 7 }));
      await until("the first write", () => writes.length === 1);
      const answered = edge.answer;
      stop(edge, () => runner.message({ type: "stop", job_id }));
      const before = edge.answer === answered ? () => undefined : edge.answer;
      let endedBefore: boolean | undefined;
      edge.answer = (call) => {
        if (call.path.endsWith("/complete")) endedBefore = ended;
        return before(call);
      };
      await idle();
      expect(writes).toEqual(["7.1"]);
      expect(edge.callsOf("/complete").map(({ body }) => body)).toEqual([{ outcome: "stopped", fence: 7 }]);
      expect(endedBefore).toBe(true);
    },
  );

  it.each(["/box", "/heartbeat", "/progress", "/complete"])(
    "is ended while the edge does not answer %s",
    async (path) => {
      const { driver } = fakeDriver();
      const { runner, grant, idle } = start(driver);
      const hung = Promise.withResolvers<undefined>();
      edge.answer = (call) => (call.path.endsWith(path) && call.body.outcome !== "stopped" ? hung.promise : undefined);
      const { job_id } = grant(sampleBox({ fence: 7 }));
      await until("the call", () => edge.callsOf(path).length > 0);
      runner.message({ type: "stop", job_id });
      await idle();
      expect(edge.callsOf("/complete").at(-1)?.body).toEqual({ outcome: "stopped", fence: 7 });
      hung.resolve(undefined);
    },
  );
});

describe("grants", () => {
  it("that are doubled run once", async () => {
    const { driver, writes } = fakeDriver();
    const { runner, grant, idle } = start(driver);
    const made = grant(sampleBox({ fence: 3 }));
    runner.message({ type: "grant", grant: made });
    await idle();
    expect(writes.length).toBe(WRITES);
  });

  it("of one box never overlap: the newer fence ends the older job first", async () => {
    const { driver, writes, state } = fakeDriver();
    closeGate(state);
    const { grant, idle } = start(driver);
    const box = sampleBox({ fence: 1 });
    grant(box);
    await until("the first write", () => writes.length === 1);
    state.gate = Promise.resolve();
    grant({ ...box, fence: 2 });
    await idle();
    expect(writes).toEqual(["1.1", "2.1", "2.2", "2.3", "2.4", "2.5"]);
    expect(state.mostPerBox).toBe(1);
  });
});

describe("draining", () => {
  it("takes nothing new, lets a running job end and beats for it meanwhile", async () => {
    const { driver, writes, state } = fakeDriver();
    const open = closeGate(state);
    const { runner, grant } = start(driver);
    grant(sampleBox());
    await until("the first write", () => writes.length === 1);
    const drained = runner.drain(60_000);
    grant(sampleBox());
    expect(runner.hello()).toMatchObject({ capacity: 0, running: [{}] });
    const beats = edge.callsOf("/heartbeat").length;
    await until("a further heartbeat", () => edge.callsOf("/heartbeat").length > beats);
    open();
    await drained;
    expect(writes.length).toBe(WRITES);
    expect(edge.callsOf("/complete").length).toBe(1);
  });

  it("gives back a job that takes longer than its grace, when nothing writes for it any more", async () => {
    const { driver, writes, state } = fakeDriver();
    closeGate(state);
    const { runner, grant } = start(driver);
    grant(sampleBox());
    await until("the first write", () => writes.length === 1);
    await runner.drain(20);
    expect(writes.length).toBe(1);
    expect(edge.callsOf("/complete").map(({ body }) => body)).toMatchObject([
      { outcome: "failed", failure: { retryable: true, message: expect.stringContaining("was stopped") } },
    ]);
  });
});
