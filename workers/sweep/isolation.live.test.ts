/** One item of a sweep that can't be done, and all the others that have to be; on PGlite. */

import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { overPglite, type TestNeon } from "#cluster/local/neon/testing/test-neon.ts";
import { StartRolloutRequest } from "#schema/contracts/rollouts.ts";
import { alertOperators } from "../services/health/alert-operators.ts";
import { advanceRollouts } from "../services/rollouts/advance.ts";
import { startRollout } from "../services/rollouts/start.ts";
import { makeFleet } from "../services/rollouts/testing/fleet.ts";
import { reconcileUsage } from "../services/usage/reconcile-usage.ts";
import { recordUsage } from "../services/usage/record-usage.ts";
import { keepLogLines } from "../testing/log-lines.ts";
import { makeCtx } from "../testing/make-ctx.ts";
import { seedBoxes, seedCluster } from "../testing/seed.ts";
import { inTurnOf } from "../testing/turn-of.ts";
import { usageEvent } from "../testing/usage-event.ts";

let standIn: TestNeon;
let lines: Record<string, unknown>[];
beforeAll(async () => {
  standIn = await overPglite();
});
afterAll(() => standIn.close());
beforeEach(() => {
  lines = keepLogLines();
});

/** The database refuses every change of the box's image. */
async function refuseMoves(boxId: string): Promise<void> {
  await standIn.neon.query(`create function refuse_move() returns trigger language plpgsql
    as $$ begin raise exception 'refused'; end $$`);
  await standIn.neon.query(`create trigger refuse_move before update of image_id on boxes
    for each row when (new.id = '${boxId}') execute function refuse_move()`);
}

test("a box that can't be moved keeps no other of its rollout from the new image", async () => {
  const fleet = await makeFleet(standIn);
  const image = await fleet.image();
  const boxIds = await fleet.boxes(4);
  const [bad = ""] = [...boxIds].sort();
  const input = {
    image,
    cluster_id: fleet.cluster,
    canary_percent: 100,
    waves: [],
    soak_seconds: 0,
    max_concurrent: 10,
  };
  await startRollout({ ctx: fleet.ctx, input: StartRolloutRequest.parse(input) });
  await refuseMoves(bad);
  const ctx = inTurnOf(fleet.ctx, "advanceRollouts");
  await advanceRollouts(ctx);
  expect(fleet.told.offers.map(({ boxId }) => boxId).sort()).toEqual(boxIds.filter((id) => id !== bad).sort());
  expect(ctx.turn.failed).toBe(1);
  expect(lines).toMatchObject([{ kind: "sweep_failed", sweep: "advanceRollouts", box_id: bad, level: "error" }]);
  await standIn.neon.query("drop trigger refuse_move on boxes");
});

test("an alert whose question can't be answered keeps no other from being raised", async () => {
  const ctx = makeCtx(standIn);
  const cluster = await seedCluster(ctx.db);
  await standIn.neon.query(
    `update clusters set comparison = '{"unknown": "many"}', brake = '{"since": "x", "boxes": ["a"], "of": 1}' where id = $1`,
    [cluster],
  );
  const alerts: string[] = [];
  await alertOperators(ctx, (line) => alerts.push(line));
  expect(alerts.map((line) => JSON.parse(line))).toMatchObject([{ kind: "mass_delete_brake", cluster_id: cluster }]);
  expect(lines).toMatchObject([{ kind: "sweep_failed", outcome: "unknown_boxes" }]);
  await standIn.neon.query("update clusters set comparison = null, brake = null");
});

test("a meter that does not answer hides no mismatch of another customer", async () => {
  const ctx = makeCtx(standIn);
  const seeded = await seedBoxes(ctx.db, 2, { clusterId: await seedCluster(ctx.db) });
  const [away, wrong] = seeded.map(({ customerId }) => customerId);
  const now = Date.now();
  for (const { customerId, boxId } of seeded) await recordUsage(ctx.db, [eventOf(customerId, boxId, now)]);
  const found: string[] = [];
  for (let minute = 0; minute < 60; minute++) {
    const mismatches = await reconcileUsage({
      ...ctx,
      now: () => new Date(new Date(now).setUTCMinutes(minute)),
      tally: async (customer) => {
        if (customer === away) throw new Error("the meter does not answer");
        return { settled: 1, unwritten: 0 };
      },
    });
    found.push(...mismatches.map(({ customerId }) => customerId));
  }
  expect(found).toEqual([wrong]);
  expect(lines.filter(({ kind }) => kind === "sweep_failed")).toMatchObject([{ customer_id: away }]);
});

const eventOf = (customerId: string, boxId: string, now: number) =>
  usageEvent({ occurredAt: now, customerId, boxId, periodStart: now - 86_400_000, periodEnd: now + 86_400_000 });
