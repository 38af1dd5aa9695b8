/** Suspending and destroying where the customer's meter does not answer, on PGlite. */

import { afterAll, beforeAll, expect, test } from "vitest";
import { overPglite, type TestNeon } from "#cluster/local/neon/testing/test-neon.ts";
import type { Ctx } from "../../context.ts";
import { makeCtx } from "../../testing/make-ctx.ts";
import { seedBox, seedCluster } from "../../testing/seed.ts";
import { destroyBox } from "./destroy.ts";
import { suspendBox } from "./suspend.ts";

const meter = { down: false, synced: 0 };
let standIn: TestNeon;
let ctx: Ctx;

beforeAll(async () => {
  standIn = await overPglite();
  const sync = async () => {
    if (meter.down) throw new Error("the meter is down");
    meter.synced += 1;
  };
  ctx = makeCtx(standIn, { meter: () => ({ sync }) });
  await seedCluster(ctx.db, { id: "c1" });
});
afterAll(() => standIn.close());

test.each([
  ["suspend", suspendBox],
  ["destroy", destroyBox],
])("%s says when the token may still work; asked again, it tells the meter again", async (verb, ask) => {
  const { boxId } = await seedBox(ctx.db, { clusterId: "c1" });
  const call = () => ask({ ctx, input: { boxId } });
  meter.down = true;
  await expect(call()).rejects.toMatchObject({ code: "upstream_unavailable", retryAfter: 5 });
  // The change stands, with its job: nothing is half done.
  const jobs = await standIn.neon.query("select type, status from operator_jobs where box_id = $1", [boxId]);
  expect(jobs).toEqual([{ type: verb, status: "queued" }]);
  await expect(call()).rejects.toMatchObject({ code: "upstream_unavailable" });
  meter.down = false;
  const before = meter.synced;
  await expect(call()).rejects.toMatchObject({ code: "conflict" });
  expect(meter.synced).toBe(before + 1);
});
