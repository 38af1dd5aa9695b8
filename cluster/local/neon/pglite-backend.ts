import { PGlite } from "@electric-sql/pglite";
import type { PoolConfig } from "pg";
import { holdsDatabase, notOpened } from "./database-folder.ts";
import { lockFolder } from "./folder-lock.ts";
import { PgliteSession, type Wire } from "./pglite-session.ts";

export interface PgliteOptions {
  /** Absent: in memory. */
  dataDir?: string | undefined;
  /** A PGlite's `dumpDataDir()`, for a database that isn't there yet: making one anew takes seconds. */
  template?: Blob | undefined;
}

export interface Pglite {
  /** How a `pg` pool reaches it: one connection at a time, since there is one backend. */
  pool: PoolConfig;
  close(): Promise<void>;
}

/** PostgreSQL in this process. */
export async function openPglite({ dataDir, template }: PgliteOptions): Promise<Pglite> {
  const unlock = dataDir === undefined ? () => {} : lockFolder(dataDir);
  try {
    const isThere = dataDir !== undefined && holdsDatabase(dataDir);
    const options = isThere || !template ? {} : { loadDataDir: template };
    const database = await PGlite.create(dataDir ?? "memory://", options).catch((error) => {
      throw dataDir === undefined ? error : notOpened(dataDir, error);
    });
    const inTurn = takingTurns();
    const wire: Wire = {
      run: (messages) => inTurn(() => database.execProtocolRaw(messages)),
      reset: () =>
        inTurn(async () => {
          await database.exec("rollback");
          await database.exec("discard all");
        }),
    };
    return {
      pool: { user: "postgres", database: "postgres", ssl: false, max: 1, stream: () => new PgliteSession(wire) },
      async close() {
        await inTurn(() => database.close());
        unlock();
      },
    };
  } catch (error) {
    unlock();
    throw error;
  }
}

/** A session may begin while the previous one is being cleaned up. */
function takingTurns(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const mine = last.then(work);
    last = mine.catch(() => {});
    return mine;
  };
}
