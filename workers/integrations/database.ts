/** Neon over HTTP: one statement or one `db.batch([...])` at a time, each atomic; no interactive transactions. */
import { neon, neonConfig } from "@neondatabase/serverless";
import { drizzle } from "drizzle-orm/neon-http";
import * as schema from "#schema/db/schema.ts";

const TIMEOUT_MS = 10_000;

type Address = { DATABASE_URL: string; NEON_HTTP_ENDPOINT?: string | undefined };
const opened = new WeakMap<Address, Database>();

/** A plain HTTP client: opening it does no I/O, but reads the whole schema, so the isolate's requests and objects share one. */
export function openDatabase(config: Address): Database {
  const known = opened.get(config) ?? open(config);
  opened.set(config, known);
  return known;
}

function open(config: Address) {
  const endpoint = config.NEON_HTTP_ENDPOINT;
  if (endpoint) neonConfig.fetchEndpoint = () => endpoint;
  neonConfig.fetchFunction = (input: RequestInfo, init: RequestInit) =>
    fetch(input, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
  return drizzle({ client: neon(config.DATABASE_URL), schema });
}

export type Database = ReturnType<typeof open>;
