/** Brings a database to the newest schema. The one way for production and for the database of `npm start`. */
import { applyMigration } from "./apply-migration.ts";
import { makeJournal, missingFrom } from "./journal.ts";
import type { Migration } from "./migration.ts";
import { withMigratorLock } from "./migrator-lock.ts";
import type { Session } from "./session.ts";

export interface MigrateOptions {
  /** Also take away what only the program before this one used. */
  contract: boolean;
  /** How long another migrator may take; default a minute. */
  waitMs?: number;
  onApply?: (migration: Migration) => void;
  onRetry?: (migration: Migration, reason: string, pauseMs: number) => void;
}

/** What there is to do, and what waits until the program is deployed. */
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
  // An empty database serves no program yet.
  const isEmpty = missing.length === migrations.length;
  const waits = (migration: Migration) => migration.contract && !contract && !isEmpty;
  return { toApply: missing.filter((each) => !waits(each)), afterDeployment: missing.filter(waits) };
}

/** Applies the migrations that are missing, each whole or not at all; what it did. */
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
