import { Pool, type QueryResultRow } from "pg";
import type { StandIn } from "../http/stand-in.ts";
import { migrate } from "./migrate.ts";
import { openPglite, type PgliteOptions } from "./pglite-backend.ts";
import { sqlOverHttp } from "./sql-over-http.ts";

export interface NeonOptions extends PgliteOptions {
  /** Clients must name its role, password and database. */
  connectionString: string;
  /** A real PostgreSQL to use instead of the embedded one. */
  databaseUrl?: string | undefined;
}

export interface Neon extends StandIn {
  /** Rows, with `pg`'s own types, past HTTP. */
  query<Row extends QueryResultRow = QueryResultRow>(sql: string, params?: unknown[]): Promise<Row[]>;
  /** Applies the migrations in that folder. Safe when several processes or calls start at once. */
  migrate(folder: string): Promise<void>;
}

/** The stand-in for Neon: `POST /sql` for `neon()` (set `neonConfig.fetchEndpoint`). */
export async function createNeon({ connectionString, databaseUrl, ...pglite }: NeonOptions): Promise<Neon> {
  const backend = databaseUrl ? openPostgres(databaseUrl) : await openPglite(pglite);
  const pool = new Pool({ ...backend.pool, allowExitOnIdle: true });
  // An idle connection that breaks is replaced at the next use; without a listener it would end the process.
  pool.on("error", () => {});
  return {
    app: sqlOverHttp(pool, connectionString),
    query: async <Row extends QueryResultRow>(sql: string, params: unknown[] = []) =>
      (await pool.query<Row>(sql, params)).rows,
    migrate: (folder) => migrate(pool, folder),
    async close() {
      await pool.end();
      await backend.close();
    },
  };
}

const openPostgres = (connectionString: string) => ({ pool: { connectionString, max: 10 }, close: async () => {} });
