/** What the sweep does for jobs, on PGlite, with mailboxes that record their calls. */

import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { overPglite, type TestNeon } from "#cluster/local/neon/testing/test-neon.ts";
import type { Ctx } from "../context.ts";
import type { Offer } from "../contracts/mailbox.ts";
import { keepLogLines } from "../testing/log-lines.ts";
import { makeCtx } from "../testing/make-ctx.ts";
import { seedBox, seedCluster, seedJobs } from "../testing/seed.ts";
import { alertStuck } from "./alert-stuck.ts";
import { expireLeases, offerQueued } from "./sweep-jobs.ts";

const HOUR_MS = 3_600_000;
const mailboxes = { offers: new Map<string, Offer[]>(), aborts: [] as unknown[][], down: new Set<string>() };
let standIn: TestNeon;
let ctx: Ctx;

beforeAll(async () => {
  standIn = await overPglite();
  const reach = async (cluster: string, told: () => void) => {
    if (mailboxes.down.has(cluster)) throw new Error(`${cluster} does not answer`);
    told();
  };
  ctx = makeCtx(standIn, {
    now: () => new Date(Date.now() + HOUR_MS),
    mailbox: (cluster) => ({
      offer: (offers) =>
        reach(cluster, () => mailboxes.offers.set(cluster, [...(mailboxes.offers.get(cluster) ?? []), ...offers])),
      abort: (...told) => reach(cluster, () => mailboxes.aborts.push(told)),
    }),
  });
  for (const id of ["away", "here"]) await seedCluster(ctx.db, { id });
});
afterAll(() => standIn.close());
beforeEach(async () => {
  mailboxes.offers.clear();
  mailboxes.aborts.length = 0;
  mailboxes.down.clear();
  await standIn.neon.query("delete from operator_jobs");
});

/** One box with this many jobs; running ones have a lease that expired long ago. */
async function jobs(clusterId: string, count: number, status: "queued" | "running" = "queued"): Promise<void> {
  const box = await seedBox(ctx.db, { clusterId, fence: 1 });
  const leaseUntil = status === "running" ? new Date() : null;
  const boxIds = Array.from({ length: count }, () => box.boxId);
  await seedJobs(ctx.db, boxIds, { clusterId, status, attempt: 1, fence: 1, leaseUntil });
}

test("a cluster whose agent is away, with thousands of jobs, hides nobody else's", async () => {
  await jobs("away", 2_300);
  await jobs("here", 2);
  await offerQueued(ctx);
  expect([mailboxes.offers.get("away")?.length, mailboxes.offers.get("here")?.length]).toEqual([2_300, 2]);
});

test("nor does a mailbox that does not answer; that one is told afterwards", async () => {
  await jobs("away", 1);
  await jobs("here", 1);
  mailboxes.down.add("away");
  const lines = keepLogLines();
  await offerQueued(ctx);
  expect(lines).toMatchObject([{ kind: "sweep_failed", cluster_id: "away", level: "error" }]);
  expect(mailboxes.offers.get("here")).toHaveLength(1);

  await jobs("away", 1, "running");
  await jobs("here", 1, "running");
  await expireLeases(ctx);
  expect(lines.slice(1)).toMatchObject([{ kind: "sweep_failed", cluster_id: "away", job_id: expect.any(String) }]);
  expect(mailboxes.aborts).toMatchObject([[expect.any(String), 1, { jobId: expect.any(String) }]]);
});

test("jobs that nobody takes for a quarter of an hour are told, once a cluster", async () => {
  await jobs("away", 3);
  const lines: string[] = [];
  await alertStuck(ctx, (line) => lines.push(line));
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { level: "error", kind: "job_stuck", cluster_id: "away", count: 3, job_id: expect.any(String) },
  ]);
  const soon = { ...ctx, now: () => new Date(Date.now() + 14 * 60_000) };
  await alertStuck(soon, (line) => lines.push(line));
  expect(lines).toHaveLength(1);
});
