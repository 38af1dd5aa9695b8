/** The pod of a start hangs, on a real API server: what is asked for next is begun within seconds, and done. */
import { afterAll, afterEach, beforeAll, expect, inject, test } from "vitest";
import type { AgentLane } from "#tests/harness/agent-lane.ts";
import { type Lanes, startLanes } from "#tests/harness/lanes.ts";
import { until } from "#tests/harness/until.ts";

let all: Lanes;
let lane: AgentLane;
beforeAll(async () => {
  all = await startLanes(inject("bundle"), 1);
  const [first] = all.lanes;
  if (!first) throw new Error("no lane");
  lane = first;
  lane.start();
});
afterAll(() => all.close());
afterEach(() => {
  all.kubelet.after = undefined;
});

const WITHIN_MS = 5_000;

/** Until a job of the box that waits for the pod has been granted for a while. */
async function hangingStart(): Promise<{ boxId: string; jobId: string }> {
  all.kubelet.after = new Promise(() => undefined);
  const { box, job } = await all.provision(lane);
  const waits = async () => (await all.cluster.operator.job(job.id)).steps.some(({ step }) => step === "start");
  await until("the job to wait for the pod", waits, 60_000);
  all.kubelet.after = undefined;
  return { boxId: box.id, jobId: job.id };
}

test.each([
  ["destroy", "destroyed"],
  ["suspend", "suspended"],
  ["restart", "active"],
] as const)("%s ends it as superseded and begins under the next fence", async (verb, status) => {
  const { operator } = all.cluster;
  const { boxId, jobId } = await hangingStart();
  const since = Date.now();
  const later = (await operator.change(verb, boxId)).job;
  await until("the later job to begin", async () => (await operator.job(later.id)).status !== "queued", 15_000);
  expect(Date.now() - since).toBeLessThan(WITHIN_MS);
  expect(await operator.job(jobId)).toMatchObject({ status: "superseded", error_code: null });
  const fences = await all.query<{ id: string; fence: number }>(
    "select id, fence::int from operator_jobs where box_id = $1 order by seq",
    [boxId],
  );
  expect(fences).toEqual([
    { id: jobId, fence: 1 },
    { id: later.id, fence: 2 },
  ]);
  await operator.succeeded(later.id, 90_000);
  expect((await operator.box(boxId)).status).toBe(status);
});
