/** Migrates a database to the newest schema, in production and for `npm start`. */
import { applyMigration } from "./apply-migration.ts";
import { makeJournal, missingFrom } from "./journal.ts";
import type { Migration } from "./migration.ts";
import { withMigratorLock } from "./migrator-lock.ts";
import type { Session } from "./session.ts";

export interface MigrateOptions {
  /** Also run contracting migrations, which remove what only the previous program used. */
  contract: boolean;
  /** How long another migrator may take; default a minute. */
  waitMs?: number;
  onApply?: (migration: Migration) => void;
  onRetry?: (migration: Migration, reason: string, pauseMs: number) => void;
}

/** The migrations to apply now, and those that wait until the program is deployed. */
export interface Plan {
  toApply: Migration[];
  afterDeployment: Migration[];
}

const WAIT_MS = 60_000;

export async function planOf(
  session: Session,
  migrations: readonly Migration[],
  { contract }: Pick<MigrateOptions, "contract">,
): Promise<Plan> {
  const missing = await missingFrom(session, migrations);
  // No program uses an empty database yet.
  const isEmpty = missing.length === migrations.length;
  const waits = (migration: Migration) => migration.contract && !contract && !isEmpty;
  return { toApply: missing.filter((each) => !waits(each)), afterDeployment: missing.filter(waits) };
}

/** Applies the missing migrations, each as a whole; returns them. */
export async function migrate(
  session: Session,
  migrations: readonly Migration[],
  options: MigrateOptions,
): Promise<Plan> {
  return withMigratorLock(session, options.waitMs ?? WAIT_MS, async () => {
    await makeJournal(session);
    const plan = await planOf(session, migrations, options);
    for (const migration of plan.toApply) {
      options.onApply?.(migration);
      await applyMigration(session, migration, (reason, pauseMs) => options.onRetry?.(migration, reason, pauseMs));
    }
    return plan;
  });
}
