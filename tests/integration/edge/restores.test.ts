/** Restores through the edge, with a supervisor and an agent that say what a test tells them. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { call, manifestOf, playBackups, put, tell } from "./backup-fleet.ts";
import { type EdgeTest, startEdgeTest } from "./edge-test.ts";

let edge: EdgeTest;
beforeAll(async () => {
  edge = await startEdgeTest();
});
afterAll(() => edge.close());

const { transferOf, orderOf, complete, stored } = playBackups(() => edge);

describe("a restore", () => {
  test("hands the parts to the box's own pod, and only to that", async () => {
    const box = await edge.liveBox();
    const { id, parts, key, order: before } = await stored(box);
    const { job } = await edge.operator.restore(id, { box_id: box });
    const { grant, order } = await orderOf(job.id);
    expect(order).toMatchObject({ kind: "restore", backup_id: id, key, required: false, manifest: manifestOf(parts) });
    for (const [index, part] of parts.entries()) {
      const got = await call(order, "GET", `/parts/${index}`);
      expect(Buffer.from(await got.arrayBuffer()).equals(part)).toBe(true);
    }
    expect((await call(order, "GET", "/parts/2")).status).toBe(404);
    expect((await call({ ...order, token: before.token }, "GET", "/parts/0")).status).toBe(401);
    expect((await put(order, 0, new Uint8Array(100))).status).toBe(404);
    await tell(order, { outcome: "restored" });
    expect(await transferOf(grant)).toEqual({ state: "succeeded" });
    expect((await edge.agent.desired(grant)).order).toBeUndefined();
    await complete(grant, 2);
    expect(await edge.operator.box(box)).toMatchObject({ status: "active", observed_generation: 2 });
  });

  test("that is refused by the box leaves it active, and the reason is told", async () => {
    const box = await edge.liveBox();
    const { id } = await stored(box);
    const { job } = await edge.operator.restore(id, { box_id: box });
    const { grant, order } = await orderOf(job.id);
    const told = { code: "backup_unusable", reason: "The backup is damaged", retryable: false };
    await tell(order, { outcome: "failed", ...told });
    expect(await transferOf(grant)).toEqual({ state: "failed", ...told });
    const failure = { code: "backup_unusable", message: "The backup is damaged", retryable: false };
    await edge.agent.complete(job.id, { outcome: "failed", fence: grant.fence, failure });
    expect(await edge.operator.box(box)).toMatchObject({ status: "active", status_reason: "The backup is damaged" });
    const later = await edge.operator.change("restart", box);
    expect((await edge.agent.desired(await edge.grantOf(later.job.id))).order).toBeUndefined();
  });

  test("comes with whatever change of the box is asked for next", async () => {
    const box = await edge.liveBox();
    const { id } = await stored(box);
    const { job } = await edge.operator.restore(id, { box_id: box });
    const changed = await edge.operator.change("restart", box);
    expect((await edge.operator.job(job.id)).status).toBe("superseded");
    const { order } = await orderOf(changed.job.id);
    expect(order).toMatchObject({ kind: "restore", backup_id: id });
  });

  test("never goes into somebody else's box, nor into one that is not there", async () => {
    const [ada, eve] = [await edge.liveBox(), await edge.liveBox()];
    const { id } = await stored(ada);
    for (const box_id of [eve, "0d6e7f1c-8a55-4a6f-9d57-2f5b1a1f3c11"]) {
      expect((await edge.operator.problem("POST", `/internal/backups/${id}/restore`, { box_id })).status).toBe(404);
    }
    expect(await edge.operator.box(eve)).toMatchObject({ status: "active", generation: 1 });
    expect((await edge.operator.problem("POST", `/internal/backups/${id}/restore`, {})).status).toBe(400);
    expect(
      (await edge.operator.problem("POST", `/internal/backups/${id}/restore`, { box_id: ada, telegram_bot_token: "1" }))
        .status,
    ).toBe(400);
  });

  test("into a new box: like the old one, of the same customer, and it waits for its memory through a retry", async () => {
    const input = await edge.order({ tier: "pro", language: "de" });
    const { box, job } = await edge.operator.provision(input);
    await edge.carryOut(job.id);
    const { id } = await stored(box.id);
    const token = { telegram_bot_token: String(input.telegram_bot_token) };
    expect((await edge.operator.problem("POST", `/internal/backups/${id}/restore`, token)).detail).toBe(
      "This customer already has a box, which is active",
    );
    await edge.carryOut((await edge.operator.change("destroy", box.id)).job.id);

    const made = await edge.operator.restore(id, token);
    expect(made.box).toMatchObject({ customer_id: box.customer_id, tier: "pro", language: "de", status: "pending" });
    expect(made.box.id).not.toBe(box.id);
    const { grant, order } = await orderOf(made.job.id);
    expect(order).toMatchObject({ kind: "restore", required: true, backup_id: id });
    await tell(order, { outcome: "failed", reason: "The backup is damaged", retryable: false });
    const failure = { code: "backup" as const, message: "The backup is damaged", retryable: false };
    await edge.agent.complete(made.job.id, { outcome: "failed", fence: grant.fence, failure });
    expect(await edge.operator.box(made.box.id)).toMatchObject({
      status: "failed",
      status_reason: "The backup is damaged",
    });

    await edge.operator.send("POST", `/internal/jobs/${made.job.id}/retry`);
    const again = await orderOf(made.job.id);
    expect(again.order).toMatchObject({ kind: "restore", required: true, order_id: order.order_id });
    expect(again.order.token).not.toBe(order.token);
    expect(await transferOf(again.grant)).toEqual({ state: "pending" });
    expect((await call(order, "GET", "/parts/0")).status).toBe(409);
    await tell(again.order, { outcome: "restored" });
    await complete(again.grant, 1);
    expect(await edge.operator.box(made.box.id)).toMatchObject({ status: "active" });
  });
});
