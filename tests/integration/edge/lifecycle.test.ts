/** A box's life cycle through the API, with an agent controlled by the test. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type EdgeTest, startEdgeTest } from "./edge-test.ts";

let edge: EdgeTest;
beforeAll(async () => {
  edge = await startEdgeTest();
});
afterAll(() => edge.close());

describe("a whole life", () => {
  test("provision, suspend, reactivate, restart, resize, update, destroy", async () => {
    const { operator } = edge;
    const { box, job } = await edge.provision();
    expect(box).toMatchObject({ status: "pending", desired_status: "active", generation: 1, observed_generation: 0 });
    const grant = await edge.grantOf(job.id);
    expect((await operator.box(box.id)).status).toBe("provisioning");
    const { config, restart_token } = await edge.agent.desired(grant);
    const token = config?.proxy.token ?? "";
    await edge.agent.send("POST", `/fleet/jobs/${job.id}/progress`, {
      fence: grant.fence,
      step: "namespace",
      message: "Namespace made",
    });
    await edge.agent.complete(job.id, { outcome: "succeeded", fence: grant.fence, observed_generation: 1 });
    expect(await operator.box(box.id)).toMatchObject({ status: "active", observed_generation: 1, health: "healthy" });
    expect(await operator.job(job.id)).toMatchObject({ status: "succeeded", steps: [{ step: "namespace" }] });
    expect((await edge.askModel(token)).status).toBe(200);

    const suspended = await operator.change("suspend", box.id);
    expect((await edge.askModel(token)).status, "before the agent has done anything").not.toBe(200);
    await edge.carryOut(suspended.job.id);
    expect(await operator.box(box.id)).toMatchObject({ status: "suspended", generation: 2, observed_generation: 2 });

    const back = await operator.change("reactivate", box.id);
    const backGrant = await edge.grantOf(back.job.id);
    expect((await operator.box(box.id)).status).toBe("reactivating");
    expect((await edge.agent.desired(backGrant)).config?.proxy.token).toBe(token);
    await edge.agent.complete(back.job.id, { outcome: "succeeded", fence: backGrant.fence, observed_generation: 3 });
    expect((await edge.askModel(token)).status).toBe(200);

    const restarted = await operator.change("restart", box.id);
    const restartGrant = await edge.grantOf(restarted.job.id);
    expect((await edge.agent.desired(restartGrant)).restart_token).not.toBe(restart_token);
    await edge.agent.complete(restarted.job.id, {
      outcome: "succeeded",
      fence: restartGrant.fence,
      observed_generation: 4,
    });

    const refused = await operator.send("POST", `/internal/update/${box.id}`, { system_prompt: "Be brief" });
    expect(refused.status).toBe(400);
    const resized = await operator.send("POST", `/internal/resize/${box.id}`, { tier: "pro" });
    expect(resized.status).toBe(202);
    expect(resized.headers.get("location")).toMatch(/^\/internal\/jobs\//);
    const updated = await operator.send("POST", `/internal/update/${box.id}`, { system_prompt: "Be brief" });
    const { job: updateJob } = (await updated.json()) as { job: { id: string } };
    const updateGrant = await edge.grantOf(updateJob.id);
    expect(await edge.agent.desired(updateGrant)).toMatchObject({ tier: "pro", config: { system_prompt: "Be brief" } });
    await edge.agent.complete(updateJob.id, { outcome: "succeeded", fence: updateGrant.fence, observed_generation: 6 });

    const destroyed = await operator.change("destroy", box.id);
    expect((await edge.askModel(token)).status).toBe(401);
    const destroyGrant = await edge.grantOf(destroyed.job.id);
    expect(await edge.agent.desired(destroyGrant)).toMatchObject({ status: "destroyed", config: null });
    await edge.agent.complete(destroyed.job.id, {
      outcome: "succeeded",
      fence: destroyGrant.fence,
      observed_generation: 7,
    });
    const gone = await operator.box(box.id);
    expect(gone).toMatchObject({ status: "destroyed", token_last4: null, observed_generation: 7 });
    expect(gone.destroyed_at).not.toBeNull();

    const audit = await edge.query("select action from audit_log where subject = $1 order by id", [box.id]);
    expect(audit.map((row) => row.action)).toEqual(
      ["provision", "suspend", "reactivate", "restart", "resize", "update", "destroy"].map((verb) => `box.${verb}`),
    );
    const [{ sealed }] = (await edge.query("select telegram_bot_token_sealed as sealed from boxes where id = $1", [
      box.id,
    ])) as [{ sealed: string }];
    expect(sealed).toBe("v1.wiped");
  });

  test("what is not possible now is a 409 that says what the box does, and leaves no row", async () => {
    const { box } = await edge.provision();
    const rows = () => edge.query("select (select count(*) from operator_jobs) j, (select count(*) from audit_log) a");
    const before = await rows();
    for (const verb of ["suspend", "reactivate", "restart"]) {
      const problem = await edge.operator.problem("POST", `/internal/${verb}/${box.id}`);
      expect(problem).toMatchObject({ status: 409, detail: expect.stringContaining("is waiting to be provisioned") });
    }
    const nobody = await edge.operator.problem("POST", "/internal/suspend/7c9e6679-7425-40de-944b-e07fc1f90ae7");
    expect(nobody.status).toBe(404);
    expect(await rows()).toEqual(before);
  });

  test("a customer whose box is destroyed may have a new one, with the same bot", async () => {
    const order = await edge.order();
    const first = await edge.operator.provision(order);
    await edge.carryOut(first.job.id);
    const destroyed = await edge.operator.change("destroy", first.box.id);
    expect((await edge.operator.problem("POST", "/internal/provision", order)).detail).toContain("is being destroyed");
    // No change would be possible any more: the box would stay half removed.
    expect(await edge.operator.problem("POST", `/internal/jobs/${destroyed.job.id}/cancel`)).toMatchObject({
      status: 409,
    });
    await edge.carryOut(destroyed.job.id);
    const second = await edge.operator.provision(order);
    expect(second.box.customer_id).toBe(first.box.customer_id);
    expect(second.box.namespace).not.toBe(first.box.namespace);
  });
});
