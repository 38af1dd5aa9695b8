import { join } from "node:path";
import { neonConfig, Pool } from "@neondatabase/serverless";
import { serve } from "../../http/serve.ts";
import { createNeon, type Neon } from "../neon.ts";
import { temporaryDatabase } from "./temporary-database.ts";

export const MIGRATIONS = join(import.meta.dirname, "../../../../schema/db/migrations");

/** A stand-in that listens, with the vendor's clients set to it. */
export interface TestNeon {
  neon: Neon;
  url: string;
  connectionString: string;
  pool: Pool;
  close(): Promise<void>;
}

export interface TestBackend {
  name: string;
  start(): Promise<TestNeon>;
  /** Nothing to test with here. */
  missing: boolean;
}

/** PGlite always; a real PostgreSQL where one is named. */
export function testBackends(postgresUrl: string | undefined): TestBackend[] {
  const reason = postgresUrl ? "" : " (skipped: TEST_POSTGRES_URL isn't set)";
  return [
    { name: "PGlite", start: overPglite, missing: false },
    { name: `a real PostgreSQL${reason}`, start: () => overPostgres(postgresUrl ?? ""), missing: !postgresUrl },
  ];
}

export async function overPglite(): Promise<TestNeon> {
  const connectionString = "postgres://ada:secret@localhost/cloud";
  return listen(await createNeon({ connectionString, turnTimeoutMs: 300 }), connectionString);
}

/** In a new database of that server, which is dropped at the end. */
async function overPostgres(serverUrl: string): Promise<TestNeon> {
  const database = await temporaryDatabase(serverUrl, "neon_test");
  const url = new URL(database.url);
  // The vendor's client wants one, the server may not.
  url.password ||= "unused";
  const connectionString = url.toString();
  const test = await listen(await createNeon({ connectionString, databaseUrl: connectionString }), connectionString);
  return {
    ...test,
    async close() {
      await test.close();
      await database.drop();
    },
  };
}

async function listen(neon: Neon, connectionString: string): Promise<TestNeon> {
  const served = await serve(neon.app, { upgrade: neon.upgrade });
  neonConfig.fetchEndpoint = `${served.url}/sql`;
  neonConfig.wsProxy = () => `127.0.0.1:${served.port}/v2`;
  neonConfig.useSecureWebSocket = false;
  neonConfig.pipelineConnect = false;
  const pool = new Pool({ connectionString });
  // The vendor's pool doesn't wait for its WebSockets to close: the end of the server reaches idle clients.
  pool.on("error", () => {});
  return {
    neon,
    url: served.url,
    connectionString,
    pool,
    async close() {
      await pool.end();
      await served.close();
      await neon.close();
    },
  };
}
