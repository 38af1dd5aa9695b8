/** Draining a cluster, ending the drain, and what operators see of the fleet. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Fleet, type FleetCluster, OperatorKey } from "#schema/contracts/fleet-status.ts";
import { OPERATOR_SCOPES } from "#schema/domain/operator-scopes.ts";
import { until } from "#tests/harness/until.ts";
import { type EdgeTest, startEdgeTest } from "./edge-test.ts";

let edge: EdgeTest;
beforeAll(async () => {
  edge = await startEdgeTest();
});
afterAll(() => edge.close());

const cluster = async (): Promise<FleetCluster> => {
  const { clusters } = Fleet.parse(await (await edge.operator.send("GET", "/internal/fleet")).json());
  const local = clusters.find(({ id }) => id === "local");
  if (!local) throw new Error("the cluster is not there");
  return local;
};
const post = (path: string, body?: unknown) => edge.operator.send("POST", `/internal/clusters/local/${path}`, body);

describe("the fleet", () => {
  test("shows who is connected, which boxes there are, and what waits", async () => {
    await edge.liveBox();
    const { job } = await edge.provision();
    const waiting = await cluster();
    expect(waiting).toMatchObject({ accepts_boxes: true, paused_since: null, jobs: { queued: 1, running: 0 } });
    expect(waiting.boxes).toMatchObject({ active: 1, pending: 1, failed: 0 });
    expect(Date.parse(waiting.jobs.oldest_queued_at ?? "")).toBeLessThanOrEqual(Date.now());
    await edge.carryOut(job.id);
    const poll = edge.agent.poll(2, [], 7);
    const agent = await until("the agent to be connected", async () => (await cluster()).agents?.[0]);
    expect(agent).toMatchObject({ kid: edge.stack.secrets.agentKey.kid, capacity: 7, holds: 0 });
    await poll;
  });

  test("tells a key what it may do", async () => {
    const key = OperatorKey.parse(await (await edge.operator.send("GET", "/internal/key")).json());
    expect(key).toEqual({ name: "local", scopes: [...OPERATOR_SCOPES] });
  });
});

describe("a drained cluster", () => {
  test("gets no boxes and no jobs; what runs ends; taken back, what waited goes on", async () => {
    const boxId = await edge.liveBox();
    const running = await edge.operator.change("restart", boxId);
    const grant = await edge.grantOf(running.job.id);
    const other = await edge.liveBox();

    const drained = await post("drain", {});
    expect(await drained.json()).toMatchObject({ accepts_boxes: false, jobs: { running: 1 } });
    const again = await post("drain", {});
    expect(again.status).toBe(200);
    const refused = await edge.operator.send("POST", "/internal/provision", await edge.order());
    expect(refused.status).toBe(409);
    expect(await refused.json()).toMatchObject({ detail: expect.stringMatching(/^The cluster \S+ is drained: /) });

    const waits = await edge.operator.change("restart", other);
    expect(await edge.agent.poll(1)).toEqual([]);
    const { generation } = await edge.agent.desired(grant);
    const done = { outcome: "succeeded", fence: grant.fence, observed_generation: generation } as const;
    expect((await edge.agent.complete(grant.job_id, done)).ok).toBe(true);
    expect((await cluster()).jobs).toMatchObject({ queued: 1, running: 0 });

    const resumed = await post("resume");
    expect(await resumed.json()).toMatchObject({ accepts_boxes: true, paused_since: null });
    await edge.carryOut(waits.job.id);
  });

  test("may go on with its jobs, and only get no new boxes", async () => {
    const boxId = await edge.liveBox();
    expect(await (await post("drain", { jobs: "go_on" })).json()).toMatchObject({
      accepts_boxes: false,
      paused_since: null,
    });
    const { job } = await edge.operator.change("restart", boxId);
    await edge.carryOut(job.id);
    await post("resume");
  });

  test("must be one, and the change is in the audit log", async () => {
    const unknown = await edge.operator.problem("POST", "/internal/clusters/nowhere/drain", {});
    expect(unknown.code).toBe("not_found");
    const rows = await edge.query("select action from audit_log where subject = 'local' order by id");
    expect(rows.map(({ action }) => action)).toEqual(expect.arrayContaining(["cluster.drain", "cluster.resume"]));
  });
});
