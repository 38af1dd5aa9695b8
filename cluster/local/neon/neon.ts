import { Pool, type QueryResultRow } from "pg";
import type { StandIn, Upgrade } from "../http/stand-in.ts";
import type { Backend } from "./backend.ts";
import { migrate } from "./migrate.ts";
import { openPglite, type PgliteOptions } from "./pglite-backend.ts";
import { openPostgres } from "./postgres-backend.ts";
import { sqlOverHttp } from "./sql-over-http.ts";
import { sqlOverWebSocket } from "./sql-over-websocket.ts";

export interface NeonOptions extends PgliteOptions {
  /** Clients must name its role, password and database. */
  connectionString: string;
  /** A real PostgreSQL to use instead of the embedded one. */
  databaseUrl?: string | undefined;
}

export interface Neon extends StandIn {
  upgrade: Upgrade;
  /** Rows, with `pg`'s own types, past HTTP. */
  query<Row extends QueryResultRow = QueryResultRow>(sql: string, params?: unknown[]): Promise<Row[]>;
  /** Applies drizzle's migrations in that folder. Safe when several processes or calls start at once. */
  migrate(folder: string): Promise<void>;
}

/**
 * Neon as this machine can run it: `POST /sql` for `neon()` (set `neonConfig.fetchEndpoint`), and the upgrade
 * path `/v2` for `Pool` and `Client` (set `neonConfig.wsProxy`, and `useSecureWebSocket` to false).
 */
export async function createNeon(options: NeonOptions): Promise<Neon> {
  const backend: Backend = options.databaseUrl ? openPostgres(options.databaseUrl) : await openPglite(options);
  const pool = new Pool({ ...backend.pool, allowExitOnIdle: true });
  // An idle connection that breaks is replaced at the next use; without a listener it would end the process.
  pool.on("error", () => {});
  const webSockets = sqlOverWebSocket(backend);
  return {
    app: sqlOverHttp(pool, options.connectionString),
    upgrade: webSockets.upgrade,
    query: async <Row extends QueryResultRow>(sql: string, params: unknown[] = []) =>
      (await pool.query<Row>(sql, params)).rows,
    migrate: (folder) => migrate(pool, folder),
    async close() {
      webSockets.close();
      await pool.end();
      await backend.close();
    },
  };
}
