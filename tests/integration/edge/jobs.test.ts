/** Jobs that meet each other, and jobs that go wrong. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { until } from "#tests/harness/until.ts";
import { type EdgeTest, startEdgeTest } from "./edge-test.ts";

let edge: EdgeTest;
beforeAll(async () => {
  edge = await startEdgeTest();
});
afterAll(() => edge.close());

describe("jobs that meet", () => {
  test("destroy supersedes what is queued; a provision that was never begun never begins", async () => {
    const { box, job } = await edge.provision();
    const destroyed = await edge.operator.change("destroy", box.id);
    expect(await edge.operator.job(job.id)).toMatchObject({ status: "superseded" });
    await edge.carryOut(destroyed.job.id);
    expect((await edge.operator.box(box.id)).status).toBe("destroyed");
    expect((await edge.agent.poll()).map((grant) => grant.job_id)).not.toContain(job.id);
  });

  test("fifty updates at once are at most two roll-outs, and the last one wins", async () => {
    const boxId = await edge.liveBox();
    const levels = ["off", "minimal", "low", "medium", "high"];
    const first = await edge.operator.send("POST", `/internal/update/${boxId}`, { thinking_level: "low" });
    const { job } = (await first.json()) as { job: { id: string } };
    const grant = await edge.grantOf(job.id);
    for (let i = 0; i < 50; i++) {
      await edge.operator.send("POST", `/internal/update/${boxId}`, { thinking_level: levels[i % 5] });
    }
    await edge.agent.complete(job.id, { outcome: "succeeded", fence: grant.fence, observed_generation: 2 });
    const [last] = await edge.operator.jobs(`?box_id=${boxId}&status=queued`);
    const lastGrant = await edge.grantOf(last?.id ?? "");
    expect(await edge.agent.desired(lastGrant)).toMatchObject({ generation: 52, config: { thinking_level: "high" } });
    await edge.agent.complete(lastGrant.job_id, {
      outcome: "succeeded",
      fence: lastGrant.fence,
      observed_generation: 52,
    });
    expect(await edge.operator.jobs(`?box_id=${boxId}&status=superseded`)).toHaveLength(49);
    expect(await edge.operator.box(boxId)).toMatchObject({ status: "active", observed_generation: 52 });
  });

  test("a box that was changed while a job ran is finished by the job of that change", async () => {
    const { box, job } = await edge.provision();
    const grant = await edge.grantOf(job.id);
    const { generation } = await edge.agent.desired(grant);
    const suspended = await edge.operator.change("suspend", box.id);
    await edge.agent.complete(job.id, { outcome: "succeeded", fence: grant.fence, observed_generation: generation });
    expect(await edge.operator.box(box.id)).toMatchObject({
      status: "provisioning",
      observed_generation: 1,
      generation: 2,
    });
    await edge.carryOut(suspended.job.id);
    expect(await edge.operator.box(box.id)).toMatchObject({ status: "suspended", observed_generation: 2 });
  });

  test("whatever is asked in whatever order, the box ends as it was wanted last", async () => {
    let seed = 20261123;
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
      return Math.floor((seed / 0x80000000) * below);
    };
    const verbs = ["suspend", "reactivate", "restart", "update"] as const;
    const boxId = await edge.liveBox();
    for (let i = 0; i < 40; i++) {
      const verb = verbs[random(4)] ?? "restart";
      const body = verb === "update" ? { language: i % 2 ? "de" : "fr" } : undefined;
      const { status } = await edge.operator.send("POST", `/internal/${verb}/${boxId}`, body);
      expect([202, 409]).toContain(status);
      if (random(2)) await oneStep(random(3) === 0);
    }
    await until("the box to be as wanted", async () => {
      await oneStep(false);
      const box = await edge.operator.box(boxId);
      return box.generation === box.observed_generation && box.status === box.desired_status;
    });
    expect(await edge.operator.jobs(`?box_id=${boxId}&status=running`)).toEqual([]);
    expect(await edge.operator.jobs(`?box_id=${boxId}&status=queued`)).toEqual([]);

    async function oneStep(fails: boolean): Promise<void> {
      for (const grant of (await edge.agent.poll()).filter((one) => one.box_id === boxId)) {
        const { generation } = await edge.agent.desired(grant);
        const failure = { code: "timeout" as const, message: "slow", retryable: false };
        await edge.agent.complete(
          grant.job_id,
          fails
            ? { outcome: "failed", fence: grant.fence, failure }
            : { outcome: "succeeded", fence: grant.fence, observed_generation: generation },
        );
      }
    }
  });
});

describe("jobs that go wrong", () => {
  test("a failure that may pass is tried again later; one that may not fails the box, and an operator retries", async () => {
    const { box, job } = await edge.provision();
    const grant = await edge.grantOf(job.id);
    await edge.agent.complete(job.id, {
      outcome: "failed",
      fence: grant.fence,
      failure: { code: "image", message: "The image can't be pulled", retryable: true },
    });
    expect(await edge.operator.job(job.id)).toMatchObject({ status: "queued", attempt: 1, error_code: "image" });
    const second = await edge.grantOf(job.id);
    expect(second).toMatchObject({ attempt: 2, fence: grant.fence + 1 });
    await edge.agent.complete(job.id, {
      outcome: "failed",
      fence: second.fence,
      failure: { code: "quota", message: "The namespace's quota is spent", retryable: false },
    });
    expect(await edge.operator.job(job.id)).toMatchObject({ status: "dead", error_code: "quota" });
    expect(await edge.operator.box(box.id)).toMatchObject({
      status: "failed",
      status_reason: "The namespace's quota is spent",
    });
    expect((await edge.operator.send("POST", `/internal/jobs/${job.id}/retry`)).status).toBe(200);
    expect((await edge.operator.problem("POST", `/internal/jobs/${job.id}/retry`)).status).toBe(409);
    await edge.carryOut(job.id);
    expect(await edge.operator.box(box.id)).toMatchObject({ status: "active", status_reason: null });
  });

  test("a lease that ran out is taken back by the sweep; its old holder can do nothing any more", async () => {
    const { job } = await edge.provision();
    const old = await edge.grantOf(job.id);
    await edge.query("update operator_jobs set lease_until = now() - interval '1 minute' where id = $1", [job.id]);
    await edge.stack.edge.runCron();
    const fresh = await edge.grantOf(job.id);
    expect(fresh).toMatchObject({ fence: old.fence + 1, attempt: 2 });
    const path = `/fleet/jobs/${job.id}`;
    const stale = [
      await edge.agent.send("GET", `${path}/box?fence=${old.fence}`),
      await edge.agent.send("POST", `${path}/heartbeat`, { fence: old.fence }),
      await edge.agent.send("POST", `${path}/progress`, { fence: old.fence, step: "x", message: "x" }),
      await edge.agent.complete(job.id, { outcome: "succeeded", fence: old.fence, observed_generation: 1 }),
    ];
    for (const response of stale) {
      expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([409, "lease_lost"]);
    }
    const beat = await edge.agent.send("POST", `${path}/heartbeat`, { fence: fresh.fence });
    expect(((await beat.json()) as { lease_until: number }).lease_until).toBeGreaterThan(Date.now() + 50_000);
  });

  test("a cancelled job is taken from its agent; a restart takes the box on from there", async () => {
    const boxId = await edge.liveBox();
    const { job } = await edge.operator.change("restart", boxId);
    const grant = await edge.grantOf(job.id);
    expect((await edge.operator.send("POST", `/internal/jobs/${job.id}/cancel`)).status).toBe(200);
    expect((await edge.operator.problem("POST", `/internal/jobs/${job.id}/cancel`)).status).toBe(409);
    const answer = await edge.agent.send("POST", "/fleet/poll", {
      capacity: 0,
      running: [{ job_id: grant.job_id, fence: grant.fence }],
      wait: 0,
    });
    expect(await answer.json()).toEqual({ messages: [{ type: "abort", job_id: job.id }] });
    expect((await edge.agent.send("POST", `/fleet/jobs/${job.id}/heartbeat`, { fence: grant.fence })).status).toBe(409);
    expect(await edge.operator.box(boxId)).toMatchObject({ status: "failed" });
    await edge.carryOut((await edge.operator.change("restart", boxId)).job.id);
    expect((await edge.operator.box(boxId)).status).toBe("active");
  });
});
