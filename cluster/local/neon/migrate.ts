import type { Pool } from "pg";
import { migrate as applyMigrations } from "#schema/migrator/migrate.ts";
import { readMigrations } from "#schema/migrator/read-migrations.ts";

/** Applies the migrations that are missing, as `npm run db:migrate` does. */
export async function migrate(pool: Pool, migrationsFolder: string): Promise<void> {
  const migrations = await readMigrations(migrationsFolder);
  const client = await pool.connect();
  try {
    await applyMigrations(client, migrations, { contract: true });
    client.release();
  } catch (error) {
    // Closing the connection frees the lock, and rolls back.
    client.release(true);
    throw error;
  }
}
