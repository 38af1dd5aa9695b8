import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { migrate } from "../migrate.ts";
import { readMigrations } from "../read-migrations.ts";
import type { Session } from "../session.ts";
import { template } from "./templates.ts";

const migrations = () => readMigrations(join(import.meta.dirname, "../../db/migrations"));

/** A database with the newest schema and no rows. */
export const migratedPglite = async (): Promise<PGlite> => PGlite.create({ loadDataDir: await template("migrated") });

/** Brings it to the newest schema. */
export const migratePglite = async (db: PGlite): Promise<void> =>
  void (await migrate(sessionOf(db), await migrations(), { contract: true }));

/** A database as it was before a migration, and what brings it on: before a deployment, and after it. */
export async function pgliteBefore(tag: string): Promise<{ db: PGlite; bring(contract: boolean): Promise<void> }> {
  const db = await PGlite.create({ loadDataDir: await template("empty") });
  const all = await migrations();
  const first = all.findIndex((migration) => migration.tag === tag);
  await migrate(sessionOf(db), all.slice(0, first), { contract: true });
  return { db, bring: async (contract) => void (await migrate(sessionOf(db), all, { contract })) };
}

const sessionOf = (db: PGlite): Session => ({
  async query(text, values) {
    const result = values ? await db.query<Record<string, unknown>>(text, values) : (await db.exec(text)).at(-1);
    return { rows: result?.rows ?? [], rowCount: result?.affectedRows ?? null };
  },
});
