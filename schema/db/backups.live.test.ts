/** What the database refuses about backups and restores, whoever asks. */
import type { PGlite } from "@electric-sql/pglite";
import { beforeAll, expect, test } from "vitest";
import { newId } from "#schema/domain/ids.ts";
import { migratedPglite } from "#schema/migrator/testing/migrated-pglite.ts";

let db: PGlite;

beforeAll(async () => {
  db = await migratedPglite();
  await db.query("insert into clusters (id, agent_keys) values ('hel1', '[]')");
});

interface Tenant {
  customer: string;
  box: string;
}

async function tenant(): Promise<Tenant> {
  const made = { customer: newId(), box: newId() };
  const subscription = newId();
  await db.query("insert into customers (id, email) values ($1, $2)", [made.customer, `${made.customer}@example.com`]);
  await db.query(
    `insert into subscriptions (id, customer_id, tier, status, current_period_start, current_period_end)
     values ($1, $2, 'starter', 'active', now(), now() + interval '1 month')`,
    [subscription, made.customer],
  );
  await db.query(
    `insert into boxes (id, customer_id, subscription_id, cluster_id, tier, model, thinking_level, language,
       telegram_bot_id, telegram_bot_username, telegram_bot_token_sealed, telegram_user_ids)
     values ($1, $2, $3, 'hel1', 'starter', 'm', 'low', 'en', $4, 'x_bot', 'v1.sealed', '{1001}')`,
    [made.box, made.customer, subscription, Math.floor(Math.random() * 1e12)],
  );
  return made;
}

async function backup({ box, customer }: Tenant): Promise<string> {
  const [id, job] = [newId(), newId()];
  await db.query(
    `insert into operator_jobs (id, box_id, cluster_id, type, generation, requested_by)
     values ($1, $2, 'hel1', 'backup', 1, 'test')`,
    [job, box],
  );
  await db.query(
    `insert into backups (id, box_id, customer_id, job_id, data_key_sealed, requested_by)
     values ($1, $2, $3, $4, 'v1.sealed', 'test')`,
    [id, box, customer, job],
  );
  return id;
}

const restore = (backupId: string, box: string, customer: string) =>
  constraintOf(
    db.query(
      "insert into restores (id, backup_id, box_id, customer_id, is_origin, requested_by) values ($1, $2, $3, $4, false, 'test')",
      [newId(), backupId, box, customer],
    ),
  );

const constraintOf = (attempt: Promise<unknown>): Promise<string> =>
  attempt.then(
    () => "accepted",
    (error: { constraint?: string }) => error.constraint ?? String(error),
  );

const set = (id: string, what: string) => constraintOf(db.query(`update backups set ${what} where id = $1`, [id]));
const STORED = "status = 'stored', manifest = '{}', bytes = 1, stored_at = now()";

test("nobody's memory goes into somebody else's box, whichever of the two is named as owner", async () => {
  const [ada, eve] = [await tenant(), await tenant()];
  const id = await backup(ada);
  expect(await restore(id, eve.box, eve.customer)).toBe("restores_backup_of_customer");
  expect(await restore(id, eve.box, ada.customer)).toBe("restores_box_of_customer");
  expect(await restore(id, ada.box, ada.customer)).toBe("accepted");
  expect(await restore(id, ada.box, ada.customer)).toBe("restores_one_pending_per_box");
});

test("one backup of a box is under way at a time", async () => {
  const ada = await tenant();
  const first = await backup(ada);
  expect(await constraintOf(backup(ada))).toBe("backups_one_pending_per_box");
  expect(await set(first, "status = 'failed'")).toBe("accepted");
  expect(await constraintOf(backup(ada))).toBe("accepted");
});

test("a stored backup is whole and has its key; a removed one has none, and neither comes back", async () => {
  const id = await backup(await tenant());
  expect(await set(id, "status = 'stored'")).toBe("backups_stored");
  expect(await set(id, `${STORED}, data_key_sealed = 'plain'`)).toBe("backups_key_sealed");
  expect(await set(id, STORED)).toBe("accepted");
  expect(await set(id, "removed_at = now()")).toBe("backups_removed_at");
  expect(await set(id, "status = 'removed'")).toBe("backups_removed");
  expect(await set(id, "status = 'removed', data_key_sealed = null")).toBe("accepted");
  expect(await set(id, "status = 'stored', data_key_sealed = 'v1.x'")).toBe("backup_transition");
});
