/** What happens to an agent's findings, on PGlite, with mailboxes that record their calls. */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { overPglite, type TestNeon } from "#cluster/local/neon/testing/test-neon.ts";
import { newId } from "#schema/domain/ids.ts";
import type { BoxStatus } from "#schema/domain/states.ts";
import type { Ctx } from "../../context.ts";
import type { Actor } from "../../contracts/actor.ts";
import type { Offer } from "../../contracts/mailbox.ts";
import { makeCtx } from "../../testing/make-ctx.ts";
import { seedCluster, seedPoolBoxes } from "../../testing/seed.ts";
import { listFleetBoxes } from "./list-fleet-boxes.ts";
import { readDrift } from "./read-drift.ts";
import { reconcileCluster } from "./reconcile-cluster.ts";
import { recordDrift } from "./record-drift.ts";
import { repairDrift } from "./repair-drift.ts";

const MINUTE = 60_000;
let standIn: TestNeon;
let ctx: Ctx;
let now = Date.parse("2026-03-01T12:00:00Z");
let cluster = "";
let offers: Offer[] = [];

beforeAll(async () => {
  standIn = await overPglite();
  ctx = makeCtx(standIn, {
    now: () => new Date(now),
    mailbox: () => ({ offer: async (more) => void offers.push(...more) }),
  });
});
afterAll(() => standIn.close());
beforeEach(async () => {
  cluster = `c${newId().slice(0, 8)}`;
  offers = [];
  const actor: Actor = { kind: "agent", clusterId: cluster, kid: "k" };
  Object.assign(ctx, { actor });
  await seedCluster(ctx.db, { id: cluster });
});

/** Boxes of the pool: their rows need no owner. */
async function makeBoxes(count: number, status: BoxStatus = "active", where = cluster): Promise<string[]> {
  const destroyed = status === "destroyed";
  const ids = await seedPoolBoxes(ctx.db, count, {
    clusterId: where,
    status,
    desiredStatus: destroyed ? "destroyed" : "active",
    destroyedAt: destroyed ? new Date() : null,
    generation: 3,
    observedGeneration: 3,
    fence: 5,
  });
  return ids.sort();
}
const endJobs = () =>
  standIn.neon.query("update operator_jobs set status = 'cancelled', finished_at = now() where status = 'queued'");
const jobsOf = (ids: readonly string[]) =>
  standIn.neon.query(
    "select box_id, type, status, generation::int, requested_by from operator_jobs where box_id = any($1::uuid[]) order by box_id",
    [`{${ids}}`],
  );

describe("the list of what should be there", () => {
  test("goes through all boxes of the cluster, page by page, and says which are at work", async () => {
    const ids = await makeBoxes(1_003);
    await makeBoxes(2, "destroyed");
    const [failed] = await makeBoxes(1, "failed");
    await seedCluster(ctx.db, { id: `${cluster}x` });
    await makeBoxes(1, "active", `${cluster}x`);
    await standIn.neon.query(
      `insert into operator_jobs (id, box_id, cluster_id, type, generation, requested_by) values ($1, $2, $3, 'restart', 3, 'test')`,
      [newId(), ids[0], cluster],
    );
    const first = await listFleetBoxes({ ctx, input: {} });
    const second = await listFleetBoxes({ ctx, input: { cursor: first.next_cursor ?? "" } });
    expect([first.boxes.length, second.boxes.length, second.next_cursor]).toEqual([1_000, 4, null]);
    expect([first.total, second.total]).toEqual([1_004, 1_004]);
    const all = new Map([...first.boxes, ...second.boxes].map((box) => [box.box_id, box]));
    expect(all.get(ids[0] ?? "")).toMatchObject({
      busy: true,
      generation: 3,
      fence: 5,
      status: "active",
      tier: "starter",
    });
    expect(all.get(ids[0] ?? "")?.restart_token).not.toBe("0");
    expect(all.get(ids[1] ?? "")).toMatchObject({ busy: false, restart_token: "0" });
    expect(all.get(failed ?? "")).toMatchObject({ busy: true });
  });
});

const drift = (ids: readonly string[], generation = 3) =>
  repairDrift({
    ctx,
    input: {
      boxes: ids.map((box_id) => ({ box_id, generation, found: ["NetworkPolicy: is gone"] })),
    },
  }).then(({ boxes }) => boxes.map(({ verdict }) => verdict));

describe("a box that was changed in the cluster", () => {
  test("gets one job of its present generation, whoever tells of it and however often", async () => {
    const ids = await makeBoxes(1);
    expect(await drift(ids)).toEqual(["repairing"]);
    expect(await drift(ids)).toEqual(["busy"]);
    expect(await jobsOf(ids)).toMatchObject([
      { type: "update", status: "queued", generation: 3, requested_by: `agent:${cluster}` },
    ]);
    expect(offers).toMatchObject([{ boxId: ids[0] }]);
    const [audit] = await standIn.neon.query("select detail from audit_log where subject = $1", [ids[0]]);
    expect(audit?.detail).toMatchObject({ found: ["NetworkPolicy: is gone"] });
  });

  test("that was compared with what is no longer wanted, or is nobody's here, gets none", async () => {
    const ids = await makeBoxes(1);
    expect(await drift(ids, 2)).toEqual(["stale"]);
    expect(await drift([newId()])).toEqual(["stale"]);
    expect(await drift(await makeBoxes(1, "destroyed"))).toEqual(["stale"]);
    expect(await drift(await makeBoxes(1, "failed"))).toEqual(["busy"]);
    expect(offers).toEqual([]);
  });

  test("again and again is repaired with growing waits", async () => {
    const ids = await makeBoxes(1);
    const repaired: number[] = [];
    for (let minute = 0; minute <= 90; minute++) {
      if ((await drift(ids))[0] === "repairing") repaired.push(minute);
      await endJobs();
      now += MINUTE;
    }
    expect(repaired).toEqual([0, 1, 6, 21, 81]);
  });

  test("together with hundreds is repaired in turn, so that customers' jobs come between", async () => {
    const verdicts = await drift(await makeBoxes(60));
    expect(verdicts.filter((verdict) => verdict === "repairing")).toHaveLength(50);
    expect(verdicts.filter((verdict) => verdict === "later")).toHaveLength(10);
    expect(await drift(await makeBoxes(1))).toEqual(["later"]);
  });
});

const operator = (): Ctx => ({ ...ctx, actor: { kind: "operator", name: "ann", scopes: ["fleet:write"] } });
const state = () => readDrift({ ctx, input: { clusterId: cluster } });
const compared = (strays: readonly string[], present: number, outdated: readonly string[] = []) =>
  recordDrift({
    ctx,
    input: {
      present,
      strays: [...strays],
      outdated: [...outdated],
      figures: { boxes: present, missing: 0, differing: 0, seconds: 1 },
    },
  });

describe("boxes in the cluster that are not in the list", () => {
  test("are removed by a job where they are recorded as destroyed", async () => {
    const gone = await makeBoxes(3, "destroyed");
    expect(await compared(gone, 40)).toEqual({ removing: 3, held_back: 0, unknown: 0 });
    expect(await jobsOf(gone)).toMatchObject(gone.map((box_id) => ({ box_id, type: "destroy", status: "queued" })));
    expect(offers).toHaveLength(3);
    expect(await compared(gone, 40), "while that is under way").toMatchObject({ removing: 0 });
  });

  test("are left alone where they should live, are another cluster's, or nobody knows them", async () => {
    const living = await makeBoxes(2);
    await seedCluster(ctx.db, { id: `${cluster}x` });
    const elsewhere = await makeBoxes(2, "destroyed", `${cluster}x`);
    const lost = [newId(), newId(), newId()];
    expect(await compared([...living, ...elsewhere, ...lost], 7)).toEqual({ removing: 0, held_back: 0, unknown: 3 });
    expect(offers).toEqual([]);
    expect(await state()).toMatchObject({ found: { strays: 7, unknown: 3 }, brake: null });
  });

  test("are held back, all of them, where they are more than five and a twentieth", async () => {
    const gone = await makeBoxes(6, "destroyed");
    expect(await compared(gone, 119)).toEqual({ removing: 0, held_back: 6, unknown: 0 });
    const { brake } = await state();
    expect(brake).toMatchObject({ of: 119 });
    expect([...(brake?.boxes ?? [])].sort()).toEqual(gone);
    now += 10 * MINUTE;
    await compared(gone, 119);
    expect((await state()).brake?.since, "it keeps its beginning").toBe(brake?.since);
    expect(offers).toEqual([]);

    expect(await compared(gone.slice(0, 5), 119), "five may go unasked").toMatchObject({ removing: 5 });
    expect((await state()).brake).toBeNull();
  });

  test("are one thing; which boxes would be written differently today is another", async () => {
    const ids = await makeBoxes(3);
    const outdated = async () =>
      (
        await standIn.neon.query(
          "select id from boxes join box_rollouts on box_id = id where cluster_id = $1 and outdated",
          [cluster],
        )
      ).map(({ id }) => id);
    await compared([], 3, ids.slice(0, 2));
    expect((await outdated()).sort()).toEqual(ids.slice(0, 2));
    await compared([], 3, ids.slice(1, 2));
    expect(await outdated()).toEqual(ids.slice(1, 2));
    expect(await state()).toMatchObject({ found: { outdated: 1 } });
  });

  test("do not slip through a few at a time", async () => {
    expect(await compared(await makeBoxes(4, "destroyed"), 50)).toMatchObject({ removing: 4 });
    expect(await compared(await makeBoxes(2, "destroyed"), 50)).toMatchObject({ held_back: 2 });
    now += 61 * MINUTE;
    expect(await compared(await makeBoxes(2, "destroyed"), 50)).toMatchObject({ removing: 2 });
  });

  test("go once an operator says how many they are", async () => {
    const gone = await makeBoxes(7, "destroyed");
    await compared(gone, 20);
    const reconcile = (remove?: number) =>
      reconcileCluster({ ctx: operator(), input: { clusterId: cluster, ...(remove !== undefined && { remove }) } });
    await expect(reconcile(6)).rejects.toThrow("7 boxes are held back, not 6");
    expect(offers).toEqual([]);
    expect(await reconcile(7)).toMatchObject({ brake: null, asked_at: new Date(now).toISOString() });
    expect(await jobsOf(gone)).toMatchObject(gone.map(() => ({ type: "destroy", requested_by: "operator:ann" })));
    expect(offers).toHaveLength(7);
    await expect(reconcile(7)).rejects.toThrow("No deletion is held back");
    await expect(reconcileCluster({ ctx: operator(), input: { clusterId: "nowhere" } })).rejects.toThrow(
      "no such cluster",
    );
  });
});
