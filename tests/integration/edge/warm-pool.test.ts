/** The warm pool through the API: boxes that are ready in advance, and who gets them. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { HealthAnswer } from "#schema/contracts/fleet.ts";
import { TIERS } from "#schema/domain/tiers.ts";
import { until } from "#tests/harness/until.ts";
import { type EdgeTest, startEdgeTest } from "./edge-test.ts";
import { playPool } from "./pool-fleet.ts";

let edge: EdgeTest;
beforeAll(async () => {
  edge = await startEdgeTest();
});
afterAll(() => edge.close());

const { pool, resize, sweep, take, grantOf, finish, settle, age, ail, outdate, stateOf, held, clear } = playPool(
  () => edge,
);
afterEach(clear);

describe("a pool", () => {
  test("is filled with whole boxes that are nobody's, and seen with what they take", async () => {
    expect(await pool()).toMatchObject({ size: 0, ready: 0, hit_rate: null });
    const coming = await resize({ starter: 2 });
    expect(coming.tiers.find(({ tier }) => tier === "starter")).toMatchObject({ size: 2, ready: 0, starting: 2 });
    const grants = await until("both jobs", async () => {
      const now = await take();
      return now.length === 2 && now;
    });
    const desired = await Promise.all(grants.map((grant) => edge.agent.desired(grant)));
    for (const box of desired) {
      expect(box).toMatchObject({ customer_id: null, status: "active", tier: "starter", generation: 1 });
      expect(box.config?.telegram).toMatchObject({ bot_token: "", allow_from: [] });
      expect(box.config?.proxy.token).not.toMatch(/ocp_/);
    }
    expect(new Set(desired.map((box) => box.config?.gateway_token)).size).toBe(2);
    for (const grant of grants) await finish(grant);
    const { all, boxes, ...ready } = await pool();
    expect(ready).toMatchObject({
      ready: 2,
      starting: 0,
      cost: { cpu_milli: 500, memory_mi: 2 * TIERS.starter.memory.requestMi, volume_gi: 4 },
    });
    expect(all.cost).toEqual(ready.cost);
    expect(boxes.map(({ namespace }) => namespace)).toEqual(boxes.map(({ id }) => `customer-${id}`));
    for (const { id } of boxes) expect(await stateOf(id)).toMatchObject({ customer_id: null, tokens: 0 });
    const report = await edge.agent.send("POST", "/fleet/health", { boxes: [] });
    expect(HealthAnswer.parse(await report.json()).pool).toEqual(
      expect.arrayContaining([{ tier: "starter", size: 2, ready: 2, boxes: 2, hits: 0, misses: 0 }]),
    );
  });

  test("gives a box to whoever asks: the same box, their bot and a token of its own; and is filled again", async () => {
    await resize({ starter: 1 });
    const [waiting] = (await settle()).boxes;
    const order = await edge.order({ language: "de" });
    const { box, job } = await edge.operator.provision(order);
    expect(box).toMatchObject({
      id: waiting?.id,
      status: "provisioning",
      generation: 2,
      observed_generation: 1,
      language: "de",
    });
    expect(job).toMatchObject({ type: "provision", generation: 2, steps: [{ step: "adopt" }] });
    const grant = await grantOf(job.id);
    const { config, customer_id } = await edge.agent.desired(grant);
    expect(customer_id).toBe(box.customer_id);
    expect(config).toMatchObject({
      generation: 2,
      language: "de",
      telegram: { bot_token: order.telegram_bot_token, allow_from: ["1001"] },
    });
    await finish(grant);
    expect(await edge.operator.box(box.id)).toMatchObject({ status: "active", observed_generation: 2 });
    expect((await edge.askModel(config?.proxy.token ?? "")).status).toBe(200);
    const mails = await until("the mail", () =>
      edge.stack.services.mail.messages().filter(({ to }) => to.includes(String(order.customer_email))),
    );
    expect(mails).toHaveLength(1);

    const after = await until("a successor", async () => {
      const now = await pool();
      return now.boxes.length === 1 && now;
    });
    expect(after.boxes[0]?.id).not.toBe(box.id);
    expect(after).toMatchObject({ hits: 1 });
    const [audit] = await edge.query("select detail from audit_log where subject = $1 and action = 'box.provision'", [
      box.id,
    ]);
    expect(audit?.detail).toMatchObject({ pool: "hit", cluster: "local" });
  });

  test("gives no box to two, and who finds none gets a new one", async () => {
    const before = await pool("pro");
    await resize({ pro: 3 });
    const ready = (await settle("pro")).boxes.map(({ id }) => id);
    const orders = await Promise.all(Array.from({ length: 5 }, () => edge.order({ tier: "pro" })));
    const given = await Promise.all(orders.map((order) => edge.operator.provision(order)));
    const ids = given.map(({ box }) => box.id);
    expect(new Set(ids).size).toBe(5);
    expect(ids.filter((id) => ready.includes(id)).sort()).toEqual(ready.sort());
    expect(given.map(({ box }) => box.status).sort()).toEqual([
      "pending",
      "pending",
      "provisioning",
      "provisioning",
      "provisioning",
    ]);
    const now = await pool("pro");
    expect([now.hits - before.hits, now.misses - before.misses]).toEqual([3, 2]);
    for (const { box } of given)
      expect(await stateOf(box.id)).toMatchObject({ customer_id: box.customer_id, tokens: 1 });
  });

  test("is of one tier: another tier's boxes are not given, and without a pool nothing is missed", async () => {
    await resize({ starter: 1 });
    await settle();
    const before = await pool("team");
    const { box } = await edge.provision({ tier: "team" });
    expect(box).toMatchObject({ status: "pending", generation: 1 });
    expect((await pool("team")).misses).toBe(before.misses);
    expect((await pool()).ready).toBe(1);
  });

  test("does not give what is not ready: unwell, outdated, failed, or being changed", async () => {
    await resize({ starter: 1 });
    const [box] = (await settle()).boxes;
    const id = box?.id ?? "";
    for (const [change, harm, mend] of [
      [ail, "state = 'unhealthy'", "state = 'healthy'"],
      [age, "generation = generation + 1", "observed_generation = generation"],
    ] as const) {
      await change(id, harm);
      expect((await pool()).ready, harm).toBe(0);
      expect((await edge.provision()).box.id, harm).not.toBe(id);
      await change(id, mend);
      expect((await pool()).ready, mend).toBe(1);
    }
    await outdate(id);
    expect((await edge.provision()).box.id).not.toBe(id);
  });

  test("replaces what is broken or outdated, and destroys what is too many", async () => {
    await resize({ starter: 3 });
    const [first, second, third] = (await settle()).boxes.map(({ id }) => id);
    await ail(first ?? "", "state = 'unhealthy', unhealthy_since = now() - interval '1 minute'");
    await outdate(second ?? "");
    await outdate(third ?? "");
    await sweep();
    const soon = await pool();
    expect(soon.boxes.find(({ id }) => id === first)?.status, "a minute is no reason").toBe("active");
    expect(soon.leaving, "outdated ones go one by one").toBe(1);
    await ail(first ?? "", "unhealthy_since = now() - interval '3 minutes'");
    const whole = await settle("starter", sweep);
    for (const id of [first, second, third]) expect(whole.boxes.map((box) => box.id)).not.toContain(id);
    for (const id of [first, second, third])
      expect(await stateOf(id ?? "")).toMatchObject({ status: "destroyed", customer_id: null });
    await resize({ starter: 1 });
    expect((await settle()).boxes).toHaveLength(1);
    const [log] = await edge.query("select count(*)::int as n from audit_log where action = 'pool.remove'");
    expect(Number(log?.n)).toBeGreaterThanOrEqual(5);
  });

  test("keeps a failed box for ten minutes, so that people see why, and makes no other meanwhile", async () => {
    await resize({ team: 1 });
    const grant = await until("the job", async () => (await take()).find(({ type }) => type === "provision"));
    const failure = { code: "image" as const, message: "The gateway image can't be used", retryable: false };
    await edge.agent.complete(grant.job_id, { outcome: "failed", fence: grant.fence, failure });
    held.delete(grant.job_id);
    await sweep();
    expect(await pool("team")).toMatchObject({
      failed: 1,
      starting: 0,
      leaving: 0,
      boxes: [{ status_reason: failure.message }],
    });
    await age(grant.box_id, "updated_at = now() - interval '11 minutes'");
    await sweep();
    expect((await pool("team")).leaving).toBe(1);
    const whole = await settle("team");
    expect(whole.boxes[0]?.id).not.toBe(grant.box_id);
  });

  test("is filled and emptied by many sweeps at once as by one", async () => {
    await resize({ pro: 2 });
    await Promise.all(Array.from({ length: 5 }, sweep));
    expect((await pool("pro")).boxes).toHaveLength(2);
    await settle("pro");
    await resize({ pro: 0 });
    await Promise.all(Array.from({ length: 5 }, sweep));
    expect((await settle("pro")).boxes).toHaveLength(0);
  });
});
