import { connect } from "node:net";
import { Client } from "pg";
import type { Backend } from "./backend.ts";

/** A real PostgreSQL: HTTP through a pool, WebSockets as a plain tunnel. */
export function openPostgres(databaseUrl: string): Backend {
  const { host, port } = new Client({ connectionString: databaseUrl });
  const address = host.startsWith("/") ? { path: `${host}/.s.PGSQL.${port}` } : { host, port };
  return {
    connect: () => connect(address),
    pool: { connectionString: databaseUrl, max: 10 },
    close: async () => {},
  };
}
