/** Customers with their boxes as the database has them, for what it refuses about them. */
import type { PGlite } from "@electric-sql/pglite";
import { newId } from "#schema/domain/ids.ts";
import { migratedPglite } from "#schema/migrator/testing/migrated-pglite.ts";

export interface Tenant {
  customer: string;
  subscription: string;
  box: string;
}

/** The newest schema with one cluster. */
export async function databaseWithCluster(): Promise<PGlite> {
  const db = await migratedPglite();
  await db.query("insert into clusters (id, agent_keys) values ('hel1', '[]')");
  return db;
}

export async function addTenant(db: PGlite, botId = Math.floor(Math.random() * 1e12)): Promise<Tenant> {
  const made = { customer: newId(), subscription: newId(), box: newId() };
  await db.query("insert into customers (id, email) values ($1, $2)", [made.customer, `${made.customer}@example.com`]);
  await db.query(
    `insert into subscriptions (id, customer_id, tier, status, current_period_start, current_period_end)
     values ($1, $2, 'starter', 'active', now(), now() + interval '1 month')`,
    [made.subscription, made.customer],
  );
  await addBox(db, made, botId);
  return made;
}

export async function addBox(db: PGlite, { customer, subscription, box }: Tenant, botId: number): Promise<void> {
  await db.query(
    `insert into boxes (id, customer_id, subscription_id, cluster_id, tier, model, thinking_level, language,
       telegram_bot_id, telegram_bot_username, telegram_bot_token_sealed, telegram_user_ids)
     values ($1, $2, $3, 'hel1', 'starter', 'm', 'low', 'en', $4, 'x_bot', 'v1.sealed', '{1001}')`,
    [box, customer, subscription, botId],
  );
}

/** Which rule refused it, or `accepted`. */
export const constraintOf = (attempt: Promise<unknown>): Promise<string> =>
  attempt.then(
    () => "accepted",
    (error: { constraint?: string }) => error.constraint ?? String(error),
  );
