/** Updates of customers' meters after changes, however long the meters are unreachable; on PGlite. */

import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { overPglite, type TestNeon } from "#cluster/local/neon/testing/test-neon.ts";
import { proxyTokens } from "#schema/db/schema.ts";
import { newId } from "#schema/domain/ids.ts";
import type { Ctx } from "../../context.ts";
import { keepLogLines } from "../../testing/log-lines.ts";
import { makeCtx } from "../../testing/make-ctx.ts";
import { type SeededBox, seedBox, seedBoxes, seedCluster } from "../../testing/seed.ts";
import { inTurnOf } from "../../testing/turn-of.ts";
import { revokeToken } from "../tokens/revoke.ts";
import { revokeExpired } from "../tokens/revoke-expired.ts";
import { suspendBox } from "./suspend.ts";
import { syncMeters } from "./sync-meters.ts";

const HOUR_MS = 3_600_000;
const meters = { down: new Set<string>(), told: [] as string[], meanwhile: async () => {} };
let clock = Date.now();
let standIn: TestNeon;
let ctx: Ctx;

beforeAll(async () => {
  standIn = await overPglite();
  const sync = async (customerId: string) => {
    if (meters.down.has(customerId)) throw new Error("the meter does not answer");
    await meters.meanwhile();
    meters.told.push(customerId);
  };
  ctx = makeCtx(standIn, { meter: () => ({ sync }), now: () => new Date(clock) });
  await seedCluster(ctx.db, { id: "c1" });
});
afterAll(() => standIn.close());
beforeEach(async () => {
  keepLogLines();
  await standIn.neon.query("delete from meter_syncs");
  meters.down.clear();
  meters.meanwhile = async () => {};
});

const makeBox = (): Promise<SeededBox> => seedBox(ctx.db, { clusterId: "c1" });

async function makeToken(expiresAt?: Date): Promise<{ tokenId: string; customerId: string }> {
  const { customerId } = await makeBox();
  const id = newId();
  const tokenHash = id.replaceAll("-", "").repeat(2);
  await ctx.db.insert(proxyTokens).values({ id, customerId, tokenHash, last4: "abcd", expiresAt });
  return { tokenId: id, customerId };
}

/** The meters that a sweep updates. */
async function sweep(inTurn: Ctx = ctx): Promise<string[]> {
  meters.told = [];
  await syncMeters(inTurn);
  return meters.told;
}

test("a suspension and a revocation that the meter did not hear of are told when it answers, an hour later, and once", async () => {
  const { boxId, customerId } = await makeBox();
  const token = await makeToken();
  meters.down = new Set([customerId, token.customerId]);
  await expect(suspendBox({ ctx, input: { boxId } })).rejects.toMatchObject({ code: "upstream_unavailable" });
  await expect(revokeToken({ ctx, input: token })).rejects.toMatchObject({ code: "upstream_unavailable" });
  expect(await sweep()).toEqual([]);
  clock += HOUR_MS;
  meters.down.clear();
  expect((await sweep()).sort()).toEqual([customerId, token.customerId].sort());
  expect(await sweep()).toEqual([]);
});

test("rows that are changed by hand are told, too; what a meter sees by its clock is not", async () => {
  const changed = await makeBox();
  await standIn.neon.query("update subscriptions set status = 'canceled' where id = $1", [changed.subscriptionId]);
  await makeToken(new Date(clock - 1));
  await revokeExpired(ctx);
  expect(await sweep()).toEqual([changed.customerId]);
});

test("a change that comes while its meter is being told of another is told by the next sweep", async () => {
  const { boxId, customerId } = await makeBox();
  const desire = (status: string) =>
    standIn.neon.query("update boxes set desired_status = $2 where id = $1", [boxId, status]);
  await desire("suspended");
  meters.meanwhile = async () => void (await desire("active"));
  expect(await sweep()).toEqual([customerId]);
  meters.meanwhile = async () => {};
  expect(await sweep()).toEqual([customerId]);
  expect(await sweep()).toEqual([]);
});

test("meters that don't answer keep none of the others from being told, and are counted", async () => {
  const boxes = await seedBoxes(ctx.db, 230, { clusterId: "c1" });
  const [good, ...away] = boxes.map(({ customerId }) => customerId).reverse();
  const ids = boxes.map(({ boxId }) => boxId);
  for (const id of ids) await standIn.neon.query("update boxes set desired_status = 'suspended' where id = $1", [id]);
  meters.down = new Set(away);
  const inTurn = inTurnOf(ctx, "syncMeters");
  expect(await sweep(inTurn)).toEqual([]);
  expect(inTurn.turn.failed).toBe(200);
  clock += 60_000;
  expect(await sweep()).toEqual([good]);
});
