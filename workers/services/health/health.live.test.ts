/** What the sweep does for boxes that don't work, on PGlite, with a clock of the test's own. */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { overPglite, type TestNeon } from "#cluster/local/neon/testing/test-neon.ts";
import { GROWING_WAITS } from "#schema/domain/health.ts";
import type { Ctx } from "../../context.ts";
import type { Letter } from "../../integrations/mail.ts";
import { keepLogLines } from "../../testing/log-lines.ts";
import { makeCtx } from "../../testing/make-ctx.ts";
import { seedBoxes, seedCluster, seedPoolBoxes } from "../../testing/seed.ts";
import { inTurnOf } from "../../testing/turn-of.ts";
import { reportHealth } from "../fleet/report-health.ts";
import { alertOperators } from "./alert-operators.ts";
import { announceRecovery, announceTrouble } from "./announce-health.ts";
import { restartUnhealthy } from "./restart-unhealthy.ts";

const MINUTE = 60_000;
let standIn: TestNeon;
let ctx: Ctx;
let now = Date.parse("2026-03-01T12:00:00Z");
let mails: Letter[] = [];
let mailIsDown = false;

beforeAll(async () => {
  standIn = await overPglite();
  const send = async (letter: Letter) => {
    if (mailIsDown) throw new Error("the mail service answered 503");
    if (!mails.some(({ idempotencyKey }) => idempotencyKey === letter.idempotencyKey)) mails.push(letter);
  };
  ctx = makeCtx(standIn, { now: () => new Date(now), mail: { send } });
});
afterAll(() => standIn.close());

let cluster = "";
beforeEach(async () => {
  await standIn.neon.query("delete from operator_jobs");
  await standIn.neon.query("update boxes set status = 'provisioning' where status = 'failed'");
  await standIn.neon.query("update box_health set state = 'unknown', unhealthy_since = null, told_at = null");
  cluster = await seedCluster(ctx.db);
  mails = [];
  mailIsDown = false;
});

async function makeBoxes(count: number, owned = true): Promise<string[]> {
  const values = { clusterId: cluster };
  if (!owned) return seedPoolBoxes(ctx.db, count, values);
  return (await seedBoxes(ctx.db, count, values)).map(({ boxId }) => boxId);
}
async function makeBox(): Promise<string> {
  const [id] = await makeBoxes(1);
  if (!id) throw new Error("no box");
  return id;
}

type Health = "healthy" | "unhealthy";
const report = (ids: readonly string[], health: Health, code: "not_ready" | "node" | "image" = "not_ready") =>
  reportHealth({
    ctx: { ...ctx, actor: { kind: "agent", clusterId: cluster, kid: "k" } },
    input: {
      boxes: ids.map((box_id) => ({
        box_id,
        health,
        code: health === "unhealthy" ? code : null,
        reason: health === "unhealthy" ? "in words" : null,
        restarts: 2,
      })),
    },
  });
const restartsOf = async (id: string) =>
  Number(
    (await standIn.neon.query("select count(*) from operator_jobs where box_id = $1 and type = 'restart'", [id]))[0]
      ?.count,
  );
const endJobs = () =>
  standIn.neon.query("update operator_jobs set status = 'cancelled', finished_at = now() where status = 'queued'");
const sweepAfter = async (ms: number) => {
  now += ms;
  await restartUnhealthy(ctx);
};
async function alerts(): Promise<Record<string, unknown>[]> {
  const lines: string[] = [];
  await alertOperators(ctx, (line) => lines.push(line));
  return lines.map((line) => JSON.parse(line)).filter(({ cluster_id }) => cluster_id === cluster);
}

describe("a box that fails its probes", () => {
  test("is restarted after 1, 5, 15 and 60 minutes, and then left alone and told of", async () => {
    const id = await makeBox();
    await report([id], "unhealthy");
    for (const [before, wait] of GROWING_WAITS.entries()) {
      await sweepAfter(wait - 1_000);
      expect(await restartsOf(id), `too early for restart ${before + 1}`).toBe(before);
      await sweepAfter(1_000);
      expect(await restartsOf(id)).toBe(before + 1);
      await sweepAfter(90 * MINUTE);
      expect(await restartsOf(id), "while its restart is under way").toBe(before + 1);
      now -= 90 * MINUTE;
      await endJobs();
    }
    await sweepAfter(24 * 60 * MINUTE);
    expect(await restartsOf(id)).toBe(4);
    const kinds = (await alerts()).map(({ kind }) => kind);
    expect(kinds).toEqual(expect.arrayContaining(["box_unhealthy", "box_left_alone"]));
  });

  test("goes on with its series where a restart helped only for a while, and begins anew in a new trouble", async () => {
    const id = await makeBox();
    await report([id], "unhealthy");
    await sweepAfter(MINUTE);
    await endJobs();
    await report([id], "healthy");
    now += 10 * MINUTE;
    await report([id], "unhealthy");
    await sweepAfter(MINUTE);
    expect(await restartsOf(id), "the second restart waits five minutes").toBe(1);
    await report([id], "healthy");
    now += 120 * MINUTE;
    await report([id], "unhealthy");
    await sweepAfter(MINUTE);
    expect(await restartsOf(id)).toBe(2);
  });

  test.each(["node", "image"] as const)("is not restarted where that can't help: %s", async (code) => {
    const id = await makeBox();
    await report([id], "unhealthy", code);
    await sweepAfter(120 * MINUTE);
    expect(await restartsOf(id)).toBe(0);
    const told = expect.objectContaining({ kind: "box_unhealthy", box_id: id, reason: code });
    expect(await alerts()).toEqual(expect.arrayContaining([told]));
  });

  test("is not restarted while most of its cluster fails: that is an outage, and nobody gets a letter", async () => {
    const ids = await makeBoxes(8);
    await report(ids.slice(0, 6), "unhealthy");
    await sweepAfter(20 * MINUTE);
    await announceTrouble(ctx);
    expect((await standIn.neon.query("select id from operator_jobs")).length).toBe(0);
    expect(mails).toEqual([]);
    expect(await alerts()).toEqual(
      expect.arrayContaining([expect.objectContaining({ kind: "fleet_outage", count: 6 })]),
    );

    await report(ids.slice(0, 1), "healthy");
    await sweepAfter(0);
    expect((await standIn.neon.query("select id from operator_jobs")).length).toBe(5);
  });

  test("of the warm pool is left to the pool", async () => {
    const ids = await makeBoxes(2, false);
    await report(ids, "unhealthy");
    await sweepAfter(10 * MINUTE);
    expect((await standIn.neon.query("select id from operator_jobs")).length).toBe(0);
  });
});

describe("its customer", () => {
  test("hears of it once after ten minutes, and once that it works again", async () => {
    const id = await makeBox();
    await report([id], "unhealthy", "image");
    now += 9 * MINUTE;
    await announceTrouble(ctx);
    expect(mails).toEqual([]);
    now += MINUTE;
    await announceTrouble(ctx);
    await announceTrouble(ctx);
    expect(mails).toMatchObject([{ subject: "Your agent isn't working" }]);
    expect(mails[0]?.text).toContain("can't be loaded");

    await report([id], "healthy");
    await announceRecovery(ctx);
    expect(mails).toHaveLength(1);
    now += 5 * MINUTE;
    await announceRecovery(ctx);
    await announceRecovery(ctx);
    expect(mails[1]).toMatchObject({ subject: "Your agent works again" });
    expect(mails).toHaveLength(2);
  });

  test("hears of a restart only if there was one", async () => {
    const [restarted, failed, waiting] = await makeBoxes(3);
    if (!restarted || !failed || !waiting) throw new Error("no boxes");
    await report([restarted], "unhealthy");
    await report([waiting], "unhealthy", "node");
    await sweepAfter(MINUTE);
    await endJobs();
    await standIn.neon.query("update boxes set status = 'failed' where id = $1", [failed]);
    now += 10 * MINUTE;
    await announceTrouble(ctx);
    const told = (id: string) => mails.find(({ idempotencyKey }) => idempotencyKey.includes(id))?.text;
    expect(told(restarted)).toContain("tried to restart");
    for (const id of [failed, waiting]) expect(told(id)).toMatch(/^(?!.*restart).*not been answering/s);
  });

  test("hears of it later where the mail service was away", async () => {
    const id = await makeBox();
    await report([id], "unhealthy");
    now += 10 * MINUTE;
    mailIsDown = true;
    const lines = keepLogLines();
    const inTurn = inTurnOf(ctx, "announceTrouble");
    await announceTrouble(inTurn);
    expect(inTurn.turn.failed).toBe(1);
    expect(lines).toMatchObject([{ kind: "sweep_failed", sweep: "announceTrouble", box_id: id, level: "error" }]);
    now += MINUTE;
    mailIsDown = false;
    await announceTrouble(ctx);
    expect(mails).toHaveLength(1);
  });

  test("is written to after growing waits, a day at last, where letters are refused", async () => {
    const id = await makeBox();
    await report([id], "unhealthy", "image");
    now += 10 * MINUTE;
    mailIsDown = true;
    keepLogLines();
    const tries: number[] = [];
    for (let minute = 0; minute <= 40; minute += 1, now += MINUTE) {
      const inTurn = inTurnOf(ctx, "announceTrouble");
      await announceTrouble(inTurn);
      if (inTurn.turn.failed > 0) tries.push(minute);
    }
    expect(tries).toEqual([0, 1, 3, 7, 15, 31]);
    await standIn.neon.query("update box_health set letter_failures = 40, letter_due_at = null where box_id = $1", [
      id,
    ]);
    await announceTrouble(ctx);
    const [due] = await standIn.neon.query("select letter_due_at from box_health where box_id = $1", [id]);
    expect(due?.letter_due_at).toEqual(new Date(now + 24 * 60 * MINUTE));
  });
});

describe("operators", () => {
  test("hear of an agent that says nothing, of comparisons that don't happen, and of what is held back", async () => {
    await makeBox();
    await report([], "healthy");
    await standIn.neon.query(
      `update clusters set compared_at = $2, comparison = '{"unknown": 3}',
         brake = '{"since": "2026-03-01T00:00:00Z", "boxes": ["a", "b"], "of": 9}' where id = $1`,
      [cluster, new Date(now)],
    );
    expect(await alerts()).toMatchObject([
      { kind: "unknown_boxes", count: 3 },
      { kind: "mass_delete_brake", count: 2, level: "error" },
    ]);
    now += 31 * MINUTE;
    expect((await alerts()).map(({ kind }) => kind)).toContain("agent_silent");
    await report([], "healthy");
    expect((await alerts()).map(({ kind }) => kind)).toContain("comparison_overdue");
  });
});
