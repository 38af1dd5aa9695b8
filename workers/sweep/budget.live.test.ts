/** What a minute's sweep asks of others, however much there is to do; on PGlite. Requests are counted where they arrive. */

import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { overPglite, type TestNeon } from "#cluster/local/neon/testing/test-neon.ts";
import type { Ctx } from "../context.ts";
import { keepLogLines } from "../testing/log-lines.ts";
import { makeCtx } from "../testing/make-ctx.ts";
import { seedBoxes, seedCluster, seedJobs } from "../testing/seed.ts";
import { sweep } from "./sweep.ts";

const MINUTE = 60_000;
const send = globalThis.fetch;
/** The stand-in's clients and the counters share this one. */
const asked = { count: 0 };
let standIn: TestNeon;
let clock = Date.now() + 60 * MINUTE;

beforeAll(async () => {
  standIn = await overPglite();
});
afterAll(() => standIn.close());
beforeEach(() => {
  keepLogLines();
  vi.spyOn(globalThis, "fetch").mockImplementation((...args) => {
    asked.count += 1;
    return send(...args);
  });
});

const ask = async () => {
  asked.count += 1;
};

function ctxWith(limit: number): Ctx {
  return makeCtx(standIn, {
    vars: { SUBREQUEST_LIMIT: String(limit) },
    now: () => new Date(clock),
    mailbox: () => ({ offer: ask, abort: ask, keepOnly: ask }),
    meter: () => ({ sync: ask }),
    tally: async () => {
      await ask();
      return null;
    },
    mail: { send: ask },
    qstash: { wake: ask },
  });
}

/** Work for many sweeps at once: meters, leases, letters, restarts, offers and mailboxes. */
async function muchToDo(ctx: Ctx): Promise<void> {
  await standIn.neon.query("delete from meter_syncs");
  for (let i = 0; i < 2; i++) {
    const clusterId = await seedCluster(ctx.db);
    const unwell = { state: "unhealthy", code: "not_ready", unhealthySince: new Date(clock - 60 * MINUTE) } as const;
    await seedBoxes(ctx.db, 3, { clusterId }, unwell);
    const boxes = await seedBoxes(ctx.db, 20, { clusterId, fence: 1 });
    const ids = boxes.map(({ boxId }) => boxId);
    await standIn.neon.query("update boxes set desired_status = 'suspended' where id = any($1)", [ids]);
    const leaseUntil = new Date(clock - 5 * MINUTE);
    await seedJobs(ctx.db, ids, { clusterId, status: "running", attempt: 1, fence: 1, leaseUntil });
  }
}

const open = async () =>
  (
    await standIn.neon.query<{ meters: number; leases: number }>(
      `select (select count(*)::int from meter_syncs) as meters,
         (select count(*)::int from operator_jobs where status = 'running') as leases`,
    )
  )[0];

test.each([50, 1_000])(
  "of %i subrequests none is exceeded, and in time each sweep has done its work",
  { timeout: 120_000 },
  async (limit) => {
    const ctx = ctxWith(limit);
    await muchToDo(ctx);
    expect(await open()).toMatchObject({ meters: 40, leases: 40 });
    const most: number[] = [];
    for (let minute = 0; minute < 200; minute++) {
      const { meters, leases } = (await open()) ?? { meters: -1, leases: -1 };
      if (meters + leases === 0) break;
      asked.count = 0;
      await sweep({ ctx });
      most.push(asked.count);
      clock += MINUTE;
    }
    expect(Math.max(...most)).toBeLessThanOrEqual(limit);
    expect(await open()).toEqual({ meters: 0, leases: 0 });
  },
);
