import { readConfig } from "../../config.ts";
import type { Ledger } from "../../contracts/meter.ts";
import type { Env } from "../../env.ts";
import { openDatabase } from "../../integrations/database.ts";
import { announceNotice } from "./announce-notice.ts";
import { loadSnapshot } from "./load-snapshot.ts";
import { recordUsage } from "./record-usage.ts";

const opened = new WeakMap<Env, Ledger>();

/** The ledger in Postgres: the same for all objects of an isolate. */
export function postgresLedger(env: Env): Ledger {
  const known = opened.get(env) ?? open(env);
  opened.set(env, known);
  return known;
}

function open(env: Env): Ledger {
  const database = () => openDatabase(readConfig(env));
  return {
    gatherMs: () => readConfig(env).USAGE_FLUSH_MS,
    load: (customerId) => loadSnapshot(database(), customerId),
    record: (events) => recordUsage(database(), events),
    announce: (notice) => announceNotice(database(), notice),
  };
}
