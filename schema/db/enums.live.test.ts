/** Columns that were texts keep what they say, and the statements of the program before go on working with them. */
import { beforeAll, expect, test } from "vitest";
import { newId } from "#schema/domain/ids.ts";
import { pgliteBefore } from "#schema/migrator/testing/migrated-pglite.ts";

type Bringer = Awaited<ReturnType<typeof pgliteBefore>>;
let db: Bringer["db"];
let bring: Bringer["bring"];
const customer = newId();

beforeAll(async () => {
  ({ db, bring } = await pgliteBefore("0020_clusters_accept"));
  await db.query("insert into clusters (id, agent_keys) values ('hel1', '[]')");
  await db.query("insert into warm_pools (cluster_id, tier, size) values ('hel1', 'starter', 3)");
  await db.query("insert into customers (id) values ($1)", [customer]);
});

/** As a provision makes one that found no ready box; `miss` is how it writes that. */
async function box(miss: string): Promise<string> {
  const [id, subscription] = [newId(), newId()];
  await db.query("update subscriptions set status = 'canceled'");
  await db.query(
    `insert into subscriptions (id, customer_id, tier, status, current_period_start, current_period_end)
     values ($1, $2, 'starter', 'active', now(), now() + interval '30 days')`,
    [subscription, customer],
  );
  await db.query(
    `insert into boxes (id, cluster_id, tier, customer_id, subscription_id, telegram_bot_id, telegram_bot_username,
       telegram_user_ids, model, thinking_level, language, telegram_bot_token_sealed, pool_result)
     select $1::uuid, $2, 'starter'::tier, $3::uuid, $4::uuid, $5::bigint, 'b_bot', '{1}', $6, $7, $8, 'v1.x',
       (select ${miss} from warm_pools p where p.cluster_id = $2 and p.tier = 'starter'::tier and p.size > 0)
     where not exists (select from boxes where id = $1::uuid)`,
    [id, "hel1", customer, subscription, Math.floor(Math.random() * 1e9), "m", "low", "en"],
  );
  return id;
}

/** As a provision and an operator make them. */
async function tokens(boxId: string): Promise<void> {
  const hash = () => newId().replaceAll("-", "").repeat(2);
  await db.query(
    `insert into proxy_tokens (id, customer_id, box_id, token_hash, last4, when_spent)
     select $1::uuid, b.customer_id, b.id, $2, $3, 'message' from boxes b where b.id = $4`,
    [newId(), hash(), "last", boxId],
  );
  await db.query(
    `insert into proxy_tokens (id, customer_id, token_hash, last4, when_spent)
     select $1::uuid, id, $2, $3, $4 from customers where id = $5`,
    [newId(), hash(), "last", "error", customer],
  );
}

const event = (source: string) =>
  db.query("insert into webhook_events (source, event_id) values ($1, $2)", [source, newId()]);

async function counted(): Promise<unknown> {
  const { rows } = await db.query(
    `select (select count(*)::int from boxes where pool_result = 'miss' and thinking_level = $1) as missed,
       (select count(*)::int from proxy_tokens where when_spent = $2) as told,
       (select count(*)::int from webhook_events where source = $3) as events`,
    ["high", "message", "stripe"],
  );
  return rows[0];
}

async function writeAll(miss: string): Promise<void> {
  const id = await box(miss);
  await db.query("update boxes set thinking_level = $2, generation = generation + 1 where id = $1", [id, "high"]);
  await tokens(id);
  await event("stripe");
}

/** Migrates a database in the middle of it: a busy machine takes its time. */
const TIMEOUT_MS = 120_000;

test("either program writes and reads them, and the database knows no other values", {
  timeout: TIMEOUT_MS,
}, async () => {
  await writeAll("'miss'");
  await bring(false);
  expect(await counted()).toEqual({ missed: 1, told: 1, events: 1 });

  await writeAll("'miss'");
  await writeAll("'miss'::pool_result");
  expect(await counted()).toEqual({ missed: 3, told: 3, events: 3 });

  await bring(true);
  await writeAll("'miss'::pool_result");
  expect(await counted()).toEqual({ missed: 4, told: 4, events: 4 });
  const unknown = (type: string) => `invalid input value for enum ${type}`;
  await expect(event("paypal")).rejects.toThrow(unknown("webhook_source"));
  await expect(box("'maybe'::pool_result")).rejects.toThrow(unknown("pool_result"));
  await expect(db.query("update boxes set thinking_level = $1", ["max"])).rejects.toThrow(unknown("thinking_level"));
  await expect(db.query("update proxy_tokens set when_spent = $1", ["never"])).rejects.toThrow(unknown("quota_answer"));
});
