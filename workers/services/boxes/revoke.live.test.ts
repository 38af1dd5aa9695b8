/** Suspending and destroying where the customer's meter does not answer, on PGlite. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { MIGRATIONS, type TestNeon, testBackends } from "#cluster/local/neon/testing/test-neon.ts";
import type { Ctx } from "../../context.ts";
import { openDatabase } from "../../integrations/database.ts";
import { createLog } from "../../log.ts";
import { destroyBox } from "./destroy.ts";
import { retellSuspended } from "./retell-suspended.ts";
import { suspendBox } from "./suspend.ts";

const meter = { down: false, synced: 0 };
let standIn: TestNeon;
let ctx: Ctx;

beforeAll(async () => {
  const [pglite] = testBackends(undefined);
  if (!pglite) throw new Error("no backend");
  standIn = await pglite.start();
  await standIn.neon.migrate(MIGRATIONS);
  await standIn.neon.query("insert into clusters (id, agent_keys) values ('c1', '[]')");
  const parts = {
    config: { TELEGRAM_CHAT_URL: "https://t.me/" } as Ctx["config"],
    db: openDatabase({ DATABASE_URL: standIn.connectionString, NEON_HTTP_ENDPOINT: `${standIn.url}/sql` }),
    qstash: { wake: async () => undefined },
    log: createLog("test", "test", () => undefined),
    actor: { kind: "system" },
    requestId: "test",
    now: () => new Date(),
    defer: () => undefined,
    meter: () => ({
      sync: async () => {
        if (meter.down) throw new Error("the meter is down");
        meter.synced += 1;
      },
    }),
  };
  ctx = parts as Partial<Ctx> as Ctx;
});
afterAll(() => standIn.close());

async function activeBox(): Promise<string> {
  const [row] = await standIn.neon.query<{ id: string }>(
    `with c as (insert into customers (id, email) select id, id || '@example.com' from gen_random_uuid() id returning id),
     s as (insert into subscriptions (id, customer_id, tier, status, current_period_start, current_period_end)
       select gen_random_uuid(), id, 'starter', 'active', now(), now() + interval '1 month' from c returning id, customer_id)
     insert into boxes (id, customer_id, subscription_id, cluster_id, tier, status, model, thinking_level, language,
       telegram_bot_id, telegram_bot_username, telegram_bot_token_sealed, telegram_user_ids)
     select gen_random_uuid(), customer_id, id, 'c1', 'starter', 'active', 'm', 'low', 'en', abs(hashtext(id::text)), 'bot', 'v1.x',
       array[1] from s returning id`,
  );
  return row?.id ?? "";
}

test.each([
  ["suspend", suspendBox],
  ["destroy", destroyBox],
])("%s says when the token may still work; asked again, it tells the meter again", async (verb, ask) => {
  const boxId = await activeBox();
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

test("the sweep tells the meters of boxes that were suspended of late", async () => {
  await suspendBox({ ctx, input: { boxId: await activeBox() } });
  await activeBox();
  const before = meter.synced;
  await retellSuspended(ctx);
  const [{ n } = { n: -1 }] = await standIn.neon.query<{ n: number }>(
    "select count(*)::int n from boxes where desired_status = 'suspended'",
  );
  expect(meter.synced - before).toBe(n);
});
