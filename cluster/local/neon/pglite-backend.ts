import { PGlite } from "@electric-sql/pglite";
import type { Backend } from "./backend.ts";
import { lockFolder } from "./folder-lock.ts";
import { PgliteSession } from "./pglite-session.ts";
import { Turns } from "./turns.ts";

const DEFAULT_TURN_TIMEOUT_MS = 30_000;

export interface PgliteOptions {
  /** Absent: in memory. */
  dataDir?: string | undefined;
  /** How long a session waits for another one's transaction to end. */
  turnTimeoutMs?: number | undefined;
}

export async function openPglite(options: PgliteOptions): Promise<Backend> {
  const unlock = options.dataDir === undefined ? () => {} : lockFolder(options.dataDir);
  try {
    const database = await (options.dataDir === undefined ? PGlite.create() : PGlite.create(options.dataDir));
    const { rows } = await database.query<{ server_version: string }>("show server_version");
    const parameters = reported(rows[0]?.server_version ?? "18.0");
    const turns = new Turns(options.turnTimeoutMs ?? DEFAULT_TURN_TIMEOUT_MS);
    const open = new Set<PgliteSession>();
    const connect = () => {
      const session = new LoopSession(database, turns, parameters);
      open.add(session);
      session.once("close", () => open.delete(session));
      return session;
    };
    return {
      connect,
      // One connection is all there is: a second one would only wait within the pool's timeouts.
      pool: { user: "postgres", database: "postgres", ssl: false, max: 1, stream: connect },
      async close() {
        await Promise.all([...open].map(ended));
        await database.close();
        unlock();
      },
    };
  } catch (error) {
    unlock();
    throw error;
  }
}

function ended(session: PgliteSession): Promise<void> {
  return new Promise((resolve) => {
    session.once("close", () => resolve());
    session.destroy();
  });
}

/** What PostgreSQL reports of itself to each new connection, as far as clients look at it. */
function reported(version: string): Record<string, string> {
  return {
    server_version: version,
    server_encoding: "UTF8",
    client_encoding: "UTF8",
    DateStyle: "ISO, MDY",
    IntervalStyle: "postgres",
    TimeZone: "UTC",
    integer_datetimes: "on",
    standard_conforming_strings: "on",
    is_superuser: "on",
    session_authorization: "postgres",
  };
}

/** A session with the handful of `net.Socket`'s methods that `pg` calls. */
class LoopSession extends PgliteSession {
  connect(): this {
    process.nextTick(() => this.emit("connect"));
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}
