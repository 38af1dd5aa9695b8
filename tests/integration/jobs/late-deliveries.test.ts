/** QStash delivers a message again that it should have forgotten: under another id, or a day late. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type EdgeTest, startEdgeTest } from "../edge/edge-test.ts";

let edge: EdgeTest;
beforeAll(async () => {
  edge = await startEdgeTest();
});
afterAll(() => edge.close());

/** Publishes the wake-up of a job once more, as its own message; resolves when it is delivered. */
async function deliverAgain(message: Record<string, string>): Promise<void> {
  const { stack } = edge;
  const response = await fetch(`${stack.services.urls.qstash}/v2/publish/${stack.url}/hooks/qstash/jobs`, {
    method: "POST",
    headers: { authorization: `Bearer ${stack.secrets.qstashToken}`, "content-type": "application/json" },
    body: JSON.stringify(message),
  });
  expect(response.ok).toBe(true);
  await stack.services.qstash.idle();
}

const hookAnswers = (jobId: string): unknown[] =>
  edge.logs
    .map((line) => JSON.parse(line))
    .filter(({ route, job_id }) => route === "/hooks/qstash/jobs" && job_id === jobId)
    .map(({ status, outcome }) => [status, outcome]);

const jobsOf = (boxId: string) =>
  edge.query("select id, status, attempt, fence from operator_jobs where box_id = $1 order by seq", [boxId]);

test("the same body under another message's id is no second run", async () => {
  const { box, job } = await edge.provision();
  await edge.carryOut(job.id);
  const before = await jobsOf(box.id);
  await deliverAgain({ job_id: job.id, box_id: box.id, cluster_id: box.cluster_id });
  expect(hookAnswers(job.id).at(-1)).toEqual([200, "ignored"]);
  expect(await edge.agent.poll()).toEqual([]);
  expect(await jobsOf(box.id)).toEqual(before);
});

test("a message that comes when its box is long destroyed is taken and does nothing", async () => {
  const { box, job } = await edge.provision();
  await edge.carryOut(job.id);
  await edge.carryOut((await edge.operator.change("destroy", box.id)).job.id);
  const before = await jobsOf(box.id);
  await deliverAgain({ job_id: job.id, box_id: box.id, cluster_id: box.cluster_id });
  expect(hookAnswers(job.id).at(-1)).toEqual([200, "ignored"]);
  expect(await edge.agent.poll()).toEqual([]);
  expect(await jobsOf(box.id)).toEqual(before);
  expect(await edge.operator.box(box.id)).toMatchObject({ status: "destroyed" });
});
