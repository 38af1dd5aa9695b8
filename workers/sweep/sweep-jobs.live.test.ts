/** What the sweep does for jobs, on PGlite, with mailboxes that note what they are told. */

import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { MIGRATIONS, type TestNeon, testBackends } from "#cluster/local/neon/testing/test-neon.ts";
import type { Ctx } from "../context.ts";
import type { Offer } from "../contracts/mailbox.ts";
import { openDatabase } from "../integrations/database.ts";
import { createLog } from "../log.ts";
import { expireLeases, offerQueued } from "./sweep-jobs.ts";
import { tellStuck } from "./tell-stuck.ts";

const HOUR_MS = 3_600_000;
const mailboxes = { offers: new Map<string, Offer[]>(), aborts: [] as unknown[][], down: new Set<string>() };
let standIn: TestNeon;
let ctx: Ctx;

beforeAll(async () => {
  const [pglite] = testBackends(undefined);
  if (!pglite) throw new Error("no backend");
  standIn = await pglite.start();
  await standIn.neon.migrate(MIGRATIONS);
  await standIn.neon.query("insert into clusters (id, agent_keys) values ('away', '[]'), ('here', '[]')");
  const reach = async (cluster: string, told: () => void) => {
    if (mailboxes.down.has(cluster)) throw new Error(`${cluster} does not answer`);
    told();
  };
  const parts = {
    db: openDatabase({ DATABASE_URL: standIn.connectionString, NEON_HTTP_ENDPOINT: `${standIn.url}/sql` }),
    log: createLog("test", "test", () => undefined),
    actor: { kind: "system" },
    requestId: "test",
    now: () => new Date(Date.now() + HOUR_MS),
    mailbox: (cluster: string) => ({
      offer: (offers: Offer[]) =>
        reach(cluster, () => mailboxes.offers.set(cluster, [...(mailboxes.offers.get(cluster) ?? []), ...offers])),
      abort: (...told: unknown[]) => reach(cluster, () => mailboxes.aborts.push(told)),
    }),
  };
  // A mailbox is an object of workerd; two of its calls are all that is needed here.
  ctx = parts as unknown as Ctx;
});
afterAll(() => standIn.close());
beforeEach(async () => {
  mailboxes.offers.clear();
  mailboxes.aborts.length = 0;
  mailboxes.down.clear();
  await standIn.neon.query("delete from operator_jobs");
});

/** One box with so many jobs; running ones have a lease that is long over. */
async function jobs(cluster: string, count: number, status: "queued" | "running" = "queued"): Promise<void> {
  await standIn.neon.query(
    `with c as (insert into customers (id, email) select id, id || '@example.com' from gen_random_uuid() id returning id),
     s as (insert into subscriptions (id, customer_id, tier, status, current_period_start, current_period_end)
       select gen_random_uuid(), id, 'starter', 'active', now(), now() + interval '1 month' from c returning id, customer_id),
     b as (insert into boxes (id, customer_id, subscription_id, cluster_id, tier, status, fence, model, thinking_level, language,
         telegram_bot_id, telegram_bot_username, telegram_bot_token_sealed, telegram_user_ids)
       select gen_random_uuid(), customer_id, id, $1, 'starter', 'active', 1, 'm', 'low', 'en', abs(hashtext(id::text)), 'bot', 'v1.x',
         array[1] from s returning id)
     insert into operator_jobs (id, box_id, cluster_id, type, status, generation, requested_by, attempt, fence, lease_until)
     select gen_random_uuid(), b.id, $1, 'update', $3::job_status, 1, 'test', 1, 1, case when $3 = 'running' then now() end
     from b, generate_series(1, $2::int)`,
    [cluster, count, status],
  );
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
  await expect(offerQueued(ctx)).rejects.toThrow("away does not answer");
  expect(mailboxes.offers.get("here")).toHaveLength(1);

  await jobs("away", 1, "running");
  await jobs("here", 1, "running");
  await expect(expireLeases(ctx)).rejects.toThrow("away does not answer");
  expect(mailboxes.aborts).toMatchObject([[expect.any(String), 1, { jobId: expect.any(String) }]]);
});

test("jobs that nobody takes for a quarter of an hour are told, once a cluster", async () => {
  await jobs("away", 3);
  const lines: string[] = [];
  await tellStuck(ctx, (line) => lines.push(line));
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { level: "error", kind: "job_stuck", cluster_id: "away", count: 3, job_id: expect.any(String) },
  ]);
  const soon = { ...ctx, now: () => new Date(Date.now() + 14 * 60_000) };
  await tellStuck(soon, (line) => lines.push(line));
  expect(lines).toHaveLength(1);
});
