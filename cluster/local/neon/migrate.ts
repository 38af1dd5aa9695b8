import { drizzle } from "drizzle-orm/node-postgres";
import { migrate as applyMigrations } from "drizzle-orm/node-postgres/migrator";
import type { Pool } from "pg";

/** Any number, as long as nothing else locks it: "openclaw" on a telephone's keys. */
const MIGRATION_LOCK = 67362529;

/**
 * Applies the migrations that are missing. Processes that start at once on one PostgreSQL take turns: the second
 * finds nothing left to do.
 */
export async function migrate(pool: Pool, migrationsFolder: string): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query("select pg_advisory_lock($1)", [MIGRATION_LOCK]);
    await applyMigrations(drizzle(client), { migrationsFolder });
    await client.query("select pg_advisory_unlock($1)", [MIGRATION_LOCK]);
    client.release();
  } catch (error) {
    // Closing the connection frees the lock, and rolls back.
    client.release(true);
    throw error;
  }
}
