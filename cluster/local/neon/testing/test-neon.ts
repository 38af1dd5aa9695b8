import { join } from "node:path";
import { neonConfig } from "@neondatabase/serverless";
import { type Template, template } from "#schema/migrator/testing/templates.ts";
import { serve } from "../../http/serve.ts";
import { REPOSITORY } from "../../repository.ts";
import { createNeon, type Neon } from "../neon.ts";
import { temporaryDatabase } from "./temporary-database.ts";

export const MIGRATIONS = join(REPOSITORY, "schema/db/migrations");

/** A stand-in that listens, with the vendor's client set to it. */
export interface TestNeon {
  neon: Neon;
  url: string;
  connectionString: string;
  /** Of the real PostgreSQL behind it, where there is one. */
  databaseUrl?: string;
  close(): Promise<void>;
}

export interface TestBackend {
  name: string;
  start(): Promise<TestNeon>;
}

/** The real PostgreSQL that is named, or PGlite: `npm test` takes the one, the servers' suite the other. */
export function testBackend(postgresUrl: string | undefined, begin: Template = "migrated"): TestBackend {
  return postgresUrl
    ? { name: "a real PostgreSQL", start: () => overPostgres(postgresUrl, begin) }
    : { name: "PGlite", start: () => overPglite(begin) };
}

const connectionString = "postgres://ada:secret@localhost/cloud";

export async function overPglite(begin: Template = "migrated"): Promise<TestNeon> {
  return listen(await createNeon({ connectionString, template: await template(begin) }));
}

/** In a new database of that server, which is dropped at the end. */
async function overPostgres(serverUrl: string, begin: Template): Promise<TestNeon> {
  const database = await temporaryDatabase(serverUrl, "neon_test");
  const test = await listen(await createNeon({ connectionString, databaseUrl: database.url }));
  if (begin === "migrated") await test.neon.migrate(MIGRATIONS);
  return {
    ...test,
    databaseUrl: database.url,
    async close() {
      await test.close();
      await database.drop();
    },
  };
}

async function listen(neon: Neon): Promise<TestNeon> {
  const served = await serve(neon.app);
  neonConfig.fetchEndpoint = `${served.url}/sql`;
  return {
    neon,
    url: served.url,
    connectionString,
    async close() {
      await served.close();
      await neon.close();
    },
  };
}
