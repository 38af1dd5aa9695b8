/** An agent is killed in the middle of a job and started again in the same place. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Grant, PollAnswer } from "#schema/contracts/fleet.ts";
import { LEASE_MS } from "#schema/domain/jobs.ts";
import { until } from "#tests/harness/until.ts";
import { type EdgeTest, startEdgeTest } from "./edge-test.ts";

let edge: EdgeTest;
beforeAll(async () => {
  edge = await startEdgeTest();
});
afterAll(() => edge.close());

/** What an agent is granted that has just been started in this place and knows no job. */
async function startedAt(instance: string, more: { replaces?: string } = {}): Promise<Grant[]> {
  const hello = { capacity: 5, running: [], wait: 1, instance, ...more };
  const response = await edge.agent.send("POST", "/fleet/poll", hello);
  const { messages } = PollAnswer.parse(await response.json());
  return messages.flatMap((message) => (message.type === "grant" ? [message.grant] : []));
}

test("it has its job again long before the lease is over; what it was before can do nothing any more", async () => {
  const { job, box } = await edge.provision();
  const first = await until("a grant", async () => (await startedAt("pod-1"))[0]);
  const since = performance.now();
  expect(await startedAt("pod-2")).toEqual([]);
  const second = await until("the same job again", async () => (await startedAt("pod-1"))[0]);
  expect(performance.now() - since).toBeLessThan(LEASE_MS / 4);
  expect([first, second]).toMatchObject([
    { job_id: job.id, fence: 1, attempt: 1 },
    { job_id: job.id, fence: 2, attempt: 2 },
  ]);

  const old = { outcome: "succeeded", fence: first.fence, observed_generation: 1 } as const;
  expect((await edge.agent.send("POST", `/fleet/jobs/${job.id}/heartbeat`, { fence: 1 })).status).toBe(409);
  expect((await edge.agent.complete(job.id, old)).status).toBe(409);
  const { generation } = await edge.agent.desired(second);
  await edge.agent.complete(job.id, { ...old, fence: second.fence, observed_generation: generation });
  expect(await edge.operator.box(box.id)).toMatchObject({ status: "active" });
});

test("an agent elsewhere that took a dead one's place has its jobs as soon, and nobody else's", async () => {
  const { job } = await edge.provision();
  const dead = await until("a grant", async () => (await startedAt("leader-1"))[0]);
  const other = await edge.provision();
  const alive = await until("another's grant", async () => (await startedAt("bystander"))[0]);
  expect(alive.job_id).toBe(other.job.id);

  const since = performance.now();
  const next = await until(
    "the dead one's job",
    async () => (await startedAt("leader-2", { replaces: "leader-1" }))[0],
  );
  expect(performance.now() - since).toBeLessThan(LEASE_MS / 4);
  expect(next).toMatchObject({ job_id: job.id, fence: dead.fence + 1 });
  expect(await startedAt("leader-2", { replaces: "leader-1" })).toEqual([]);
  await edge.agent.complete(next.job_id, { outcome: "succeeded", fence: next.fence, observed_generation: 1 });
  await edge.agent.complete(alive.job_id, { outcome: "succeeded", fence: alive.fence, observed_generation: 1 });
});
