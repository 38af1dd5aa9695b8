/** The letter that an agent is live, with a mail service that may be away; on PGlite. */

import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { overPglite, type TestNeon } from "#cluster/local/neon/testing/test-neon.ts";
import type { Ctx } from "../../context.ts";
import type { Letter } from "../../integrations/mail.ts";
import { keepLogLines } from "../../testing/log-lines.ts";
import { makeCtx } from "../../testing/make-ctx.ts";
import { seedBox, seedCluster, seedJobs } from "../../testing/seed.ts";
import { claimJob } from "../jobs/claim.ts";
import { completeJob } from "../jobs/complete.ts";
import { announceReadyLate } from "./announce-ready.ts";

const MINUTE = 60_000;
const mail = { down: false, sent: [] as Letter[] };
let clock = Date.now();
let deferred: Promise<unknown>[] = [];
let standIn: TestNeon;
let ctx: Ctx;

beforeAll(async () => {
  standIn = await overPglite();
  ctx = makeCtx(standIn, {
    now: () => new Date(clock),
    defer: (work) => void deferred.push(work),
    mail: {
      send: async (letter) => {
        if (mail.down) throw new Error("the mail service answered 503");
        mail.sent.push(letter);
      },
    },
  });
  await seedCluster(ctx.db, { id: "c1" });
});
afterAll(() => standIn.close());
beforeEach(() => {
  keepLogLines();
  [deferred, mail.sent, mail.down] = [[], [], false];
});

/** A box whose provision job is through, and what was deferred till then. */
async function provisioned(): Promise<string> {
  const values = { clusterId: "c1", status: "pending", createdAt: new Date(clock) } as const;
  const box = await seedBox(ctx.db, values);
  const [jobId = ""] = await seedJobs(ctx.db, [box.boxId], {
    clusterId: "c1",
    type: "provision",
    availableAt: ctx.now(),
  });
  const claim = await claimJob({ ctx, input: { jobId, clusterId: "c1" } });
  if (claim.kind !== "granted") throw new Error(claim.kind);
  const agent: Ctx = { ...ctx, actor: { kind: "agent", clusterId: "c1", kid: "k" } };
  const done = { outcome: "succeeded", fence: claim.grant.fence, observed_generation: 1 } as const;
  await completeJob({ ctx: agent, input: { jobId, ...done } });
  await Promise.all(deferred);
  return box.customerId;
}

test("it goes out with the end of the job, and the sweep sends none again", async () => {
  const customerId = await provisioned();
  expect(mail.sent).toMatchObject([{ to: `${customerId}@example.com` }]);
  clock += 2 * MINUTE;
  await announceReadyLate(ctx);
  expect(mail.sent).toHaveLength(1);
});

test("where the mail service is away for an hour, the sweep sends it afterwards, once", async () => {
  mail.down = true;
  const customerId = await provisioned();
  clock += 61 * MINUTE;
  await announceReadyLate(ctx);
  mail.down = false;
  clock += 2 * MINUTE;
  await announceReadyLate(ctx);
  await announceReadyLate(ctx);
  expect(mail.sent).toMatchObject([{ to: `${customerId}@example.com` }]);
});

test("boxes of the pool, and those that are not live, are no news", async () => {
  await seedBox(ctx.db, { clusterId: "c1", status: "suspended", desiredStatus: "suspended" });
  await seedBox(ctx.db, { clusterId: "c1" });
  clock += 61 * MINUTE;
  await announceReadyLate(ctx);
  expect(mail.sent).toEqual([]);
});
