/** What agents report, as the edge keeps it and operators see it. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { ClusterComparison } from "#schema/contracts/clusters.ts";
import { ComparisonAnswer, DriftAnswer, ListedBoxes } from "#schema/contracts/comparison.ts";
import { HealthAnswer } from "#schema/contracts/fleet.ts";
import { newId } from "#schema/domain/ids.ts";
import { type EdgeTest, startEdgeTest } from "./edge-test.ts";

const CLUSTER = "local";
let edge: EdgeTest;
beforeAll(async () => {
  edge = await startEdgeTest();
});
afterAll(() => edge.close());

const report = async (boxes: object[]) =>
  HealthAnswer.parse(await (await edge.agent.send("POST", "/fleet/health", { boxes })).json());
const unhealthy = (box_id: string) => ({
  box_id,
  health: "unhealthy",
  code: "not_ready",
  reason: "in words",
  restarts: 2,
});

test("a box's health is kept when it changes; a sound one was seen whenever its agent reported", async () => {
  const id = await edge.liveBox();
  await edge.query("update box_health set last_seen_at = now() - interval '1 hour' where box_id = $1", [id]);
  await report([]);
  const seen = async () => Date.parse((await edge.operator.box(id)).last_seen_at ?? "");
  expect(Date.now() - (await seen())).toBeLessThan(60_000);

  await report([unhealthy(id)]);
  expect(await edge.operator.box(id)).toMatchObject({ health: "unhealthy", status_reason: "in words" });
  await edge.query("update box_health set last_seen_at = now() - interval '1 hour' where box_id = $1", [id]);
  await report([]);
  expect(Date.now() - (await seen()), "of an unhealthy one nothing new was heard").toBeGreaterThan(60_000);
});

test("one that fails for a minute is restarted by the sweep, as a job, and is sound when that is done", async () => {
  const id = await edge.liveBox();
  await report([unhealthy(id)]);
  await edge.query("update box_health set unhealthy_since = now() - interval '2 minutes' where box_id = $1", [id]);
  await edge.stack.edge.runCron();
  const [job] = (await edge.operator.jobs(`?box_id=${id}`)).filter(({ type }) => type === "restart");
  expect(job).toMatchObject({ status: "queued", requested_by: "system" });
  await edge.carryOut(job?.id ?? "");
  expect(await edge.operator.box(id)).toMatchObject({ health: "healthy", status: "active", status_reason: null });
  const [row] = await edge.query("select unhealthy_since, code, auto_restarts from box_health where box_id = $1", [id]);
  expect(row).toEqual({ unhealthy_since: null, code: null, auto_restarts: 1 });
});

test("an agent's finding becomes a job, an operator's wish reaches the agent, and its answer the operator", async () => {
  const id = await edge.liveBox();
  const list = ListedBoxes.parse(await (await edge.agent.send("GET", "/fleet/boxes")).json());
  const listed = list.boxes.find(({ box_id }) => box_id === id);
  expect(listed).toMatchObject({ status: "active", busy: false, generation: 1, observed_generation: 1 });
  expect(JSON.stringify(list)).not.toMatch(/ocp_|\d{8,10}:/);

  const drift = { boxes: [{ box_id: id, generation: 1, found: ["NetworkPolicy: is gone"] }] };
  const answer = DriftAnswer.parse(await (await edge.agent.send("POST", "/fleet/drift", drift)).json());
  expect(answer.boxes).toEqual([{ box_id: id, verdict: "repairing" }]);
  const [job] = await edge.operator.jobs(`?box_id=${id}`);
  expect(job).toMatchObject({ type: "update", requested_by: `agent:${CLUSTER}` });
  await edge.carryOut(job?.id ?? "");
  expect(await edge.operator.box(id)).toMatchObject({ status: "active", generation: 1 });

  expect(await report([])).toMatchObject({ compare_asked_at: null });
  const path = `/internal/clusters/${CLUSTER}`;
  const asked = ClusterComparison.parse(await (await edge.operator.send("POST", `${path}/reconcile`, {})).json());
  expect(await report([])).toMatchObject({ compare_asked_at: Date.parse(asked.asked_at ?? "") });
  const figures = { boxes: 1, missing: 0, differing: 1, seconds: 0.1 };
  const body = { present: 2, strays: [newId()], outdated: [], figures };
  const compared = await edge.agent.send("POST", "/fleet/comparison", body);
  expect(ComparisonAnswer.parse(await compared.json())).toEqual({ removing: 0, held_back: 0, unknown: 1 });
  const read = ClusterComparison.parse(await (await edge.operator.send("GET", `${path}/comparison`)).json());
  expect(read.found).toEqual({ ...figures, outdated: 0, strays: 1, unknown: 1 });
});

test("bad reports are refused in words", async () => {
  expect((await edge.agent.send("GET", "/fleet/boxes?cursor=x")).status).toBe(400);
  expect((await edge.agent.send("POST", "/fleet/drift", { boxes: [] })).status).toBe(400);
  expect((await edge.agent.send("POST", "/fleet/comparison", { present: -1 })).status).toBe(400);
  expect((await edge.operator.problem("POST", "/internal/clusters/nowhere/reconcile", {})).status).toBe(404);
  expect(
    (await edge.operator.problem("POST", `/internal/clusters/${CLUSTER}/reconcile`, { remove: 3 })).detail,
  ).toContain("No deletion is held back");
});
