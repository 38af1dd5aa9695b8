/** A box's token: rotated while it is in use, sent only to its pod, and never revoked without a successor. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Grant } from "#schema/contracts/fleet.ts";
import { type EdgeTest, startEdgeTest } from "./edge-test.ts";
import { type TokenCalls, tokenCalls } from "./token-calls.ts";

let edge: EdgeTest;
let tokens: TokenCalls;

beforeAll(async () => {
  edge = await startEdgeTest();
  tokens = tokenCalls(edge);
});
afterAll(() => edge.close());

/** The token that the fleet gets for the pod. */
const delivered = async (grant: Grant): Promise<string> => (await edge.agent.desired(grant)).config?.proxy.token ?? "";

const succeed = (grant: Grant, generation: number) =>
  edge.agent.complete(grant.job_id, { outcome: "succeeded", fence: grant.fence, observed_generation: generation });

/** A live box with the token that its pod has. */
async function liveBox() {
  const { box, job } = await edge.provision();
  const grant = await edge.grantOf(job.id);
  const value = await delivered(grant);
  await succeed(grant, 1);
  return { boxId: box.id, value, token: await tokens.ofBox(box.id) };
}

const secondsLeft = (expiresAt: string | null): number => (Date.parse(expiresAt ?? "") - Date.now()) / 1_000;

describe("a rotation", () => {
  test("reaches the pod by a job; the old token works until a while after the pod has the new one", async () => {
    const { boxId, value, token: old } = await liveBox();
    const rotated = await tokens.rotate(old.id, { overlap_seconds: 3_600 });
    expect(rotated).toMatchObject({
      value: null,
      token: { box_id: boxId, status: "active", when_spent: "message", expires_at: null },
      replaced: { id: old.id, status: "retiring" },
      job: { type: "rotate_token", status: "queued", box_id: boxId, generation: 2 },
    });
    expect(await edge.operator.box(boxId)).toMatchObject({ generation: 2, token_last4: rotated.token.last4 });
    expect(await tokens.use(value), "before the job").toBe(200);

    const grant = await edge.grantOf(rotated.job?.id ?? "");
    expect((await edge.operator.box(boxId)).status).toBe("updating");
    const next = await delivered(grant);
    expect(next).not.toBe(value);
    expect(next.slice(-4)).toBe(rotated.token.last4);
    expect(await delivered(grant), "asked again, the same").toBe(next);
    expect(await Promise.all([tokens.use(value), tokens.use(next)])).toEqual([200, 200]);
    expect(secondsLeft((await tokens.get(old.id)).expires_at)).toBeGreaterThan(3_000);

    expect((await succeed(grant, 2)).status).toBeLessThan(300);
    expect(await edge.operator.box(boxId)).toMatchObject({ status: "active", observed_generation: 2 });
    expect(secondsLeft((await tokens.get(old.id)).expires_at)).toBeLessThanOrEqual(300);
    expect(await Promise.all([tokens.use(value), tokens.use(next)])).toEqual([200, 200]);

    const audit = await edge.query("select action from audit_log where subject = any($1) order by id", [
      [boxId, old.id],
    ]);
    expect(audit.map((row) => row.action).sort()).toEqual(["box.provision", "box.rotate_token", "token.rotate"]);
    expect(edge.logs.join("\n")).not.toContain(next.slice(4, 40));
  });

  test("without overlap cuts the old token off at once; the box gets its next one all the same", async () => {
    const { value, token } = await liveBox();
    expect(await tokens.use(value)).toBe(200);
    const { job, replaced } = await tokens.rotate(token.id, { overlap_seconds: 0 });
    expect(replaced.status).toBe("revoked");
    expect(await tokens.use(value)).toBe(401);
    expect(await tokens.use(await delivered(await edge.grantOf(job?.id ?? "")))).toBe(200);
  });

  test("happens once when asked for many times at once", async () => {
    const { boxId, token } = await liveBox();
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => edge.operator.send("POST", `/internal/tokens/${token.id}/rotate`)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([202, ...Array(5).fill(409)]);
    const { tokens: all } = await tokens.list(`?box_id=${boxId}`);
    expect(all.map(({ status }) => status)).toEqual(["active", "retiring"]);
    expect(await edge.operator.jobs(`?box_id=${boxId}&type=rotate_token`)).toHaveLength(1);
    expect(await edge.operator.box(boxId)).toMatchObject({ generation: 2 });
  });

  test("of a suspended box waits for its return, and opens nothing meanwhile", async () => {
    const { boxId, value, token } = await liveBox();
    await edge.carryOut((await edge.operator.change("suspend", boxId)).job.id);
    const { job } = await tokens.rotate(token.id);
    const grant = await edge.grantOf(job?.id ?? "");
    expect(await edge.operator.box(boxId)).toMatchObject({ status: "suspended", desired_status: "suspended" });
    const next = await delivered(grant);
    expect(await Promise.all([tokens.use(value), tokens.use(next)])).toEqual([403, 403]);
    await succeed(grant, 3);
    expect((await edge.operator.box(boxId)).status).toBe("suspended");

    const back = await edge.grantOf((await edge.operator.change("reactivate", boxId)).job.id);
    expect(await delivered(back)).toBe(next);
    await succeed(back, 4);
    expect(await tokens.use(next)).toBe(200);
  });

  test("while a job runs: that job's end is not yet the old token's", async () => {
    const { boxId, value, token } = await liveBox();
    const restart = await edge.grantOf((await edge.operator.change("restart", boxId)).job.id);
    expect(await delivered(restart)).toBe(value);
    const { job } = await tokens.rotate(token.id, { overlap_seconds: 3_600 });
    await succeed(restart, 2);
    expect(secondsLeft((await tokens.get(token.id)).expires_at)).toBeGreaterThan(3_000);
    expect(await edge.operator.box(boxId)).toMatchObject({ generation: 3, observed_generation: 2 });

    const grant = await edge.grantOf(job?.id ?? "");
    const next = await delivered(grant);
    expect(await Promise.all([tokens.use(value), tokens.use(next)])).toEqual([200, 200]);
    await succeed(grant, 3);
    expect(secondsLeft((await tokens.get(token.id)).expires_at)).toBeLessThanOrEqual(300);
  });

  test("that a newer change supersedes is delivered by that one", async () => {
    const { boxId, value, token } = await liveBox();
    const { job } = await tokens.rotate(token.id, { overlap_seconds: 3_600 });
    const update = await edge.operator.send("POST", `/internal/update/${boxId}`, { language: "de" });
    const { job: newer } = (await update.json()) as { job: { id: string } };
    expect((await edge.operator.job(job?.id ?? "")).status).toBe("superseded");
    const grant = await edge.grantOf(newer.id);
    expect(await delivered(grant)).not.toBe(value);
    await succeed(grant, 3);
    expect(secondsLeft((await tokens.get(token.id)).expires_at)).toBeLessThanOrEqual(300);
  });

  test("before the box was ever made gives the provision the new token", async () => {
    const { box, job } = await edge.provision();
    const old = await tokens.ofBox(box.id);
    const { token } = await tokens.rotate(old.id);
    expect((await edge.operator.job(job.id)).status).toBe("queued");
    const grant = await edge.grantOf(job.id);
    expect((await delivered(grant)).slice(-4)).toBe(token.last4);
  });

  test("again goes on from the newest", async () => {
    const { boxId, token } = await liveBox();
    const { token: second } = await tokens.rotate(token.id);
    const problem = await edge.operator.problem("POST", `/internal/tokens/${token.id}/rotate`);
    expect(problem).toMatchObject({ status: 409, detail: expect.stringContaining("rotate its successor") });
    const { token: third, job } = await tokens.rotate(second.id);
    expect((await delivered(await edge.grantOf(job?.id ?? ""))).slice(-4)).toBe(third.last4);
    expect((await tokens.list(`?box_id=${boxId}&status=retiring`)).tokens).toHaveLength(2);
  });
});

describe("a box's token", () => {
  test("can't be revoked while it is the box's one; what a rotation left behind can", async () => {
    const { value, token } = await liveBox();
    const refused = await edge.operator.problem("POST", `/internal/tokens/${token.id}/revoke`);
    expect(refused).toMatchObject({ status: 409, detail: expect.stringContaining("overlap_seconds 0") });
    expect(await tokens.use(value)).toBe(200);
    await tokens.rotate(token.id);
    expect((await tokens.revoke(token.id)).status).toBe("revoked");
    expect(await tokens.use(value)).toBe(401);
  });

  test("that leaked is found by its value", async () => {
    const { boxId, value, token } = await liveBox();
    expect(await tokens.lookup(value)).toEqual(token);
    expect(token.box_id).toBe(boxId);
  });

  test("is gone with its box", async () => {
    const { boxId, value, token } = await liveBox();
    const { job } = await edge.operator.change("destroy", boxId);
    expect(await tokens.use(value)).toBe(401);
    const problem = await edge.operator.problem("POST", `/internal/tokens/${token.id}/rotate`);
    expect(problem).toMatchObject({ status: 409, detail: expect.stringContaining("is revoked") });
    expect((await tokens.revoke(token.id)).status).toBe("revoked");
    await edge.carryOut(job.id);
  });
});
