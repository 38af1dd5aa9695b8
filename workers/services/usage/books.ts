import { readConfig } from "../../config.ts";
import type { Books } from "../../contracts/meter.ts";
import type { Env } from "../../env.ts";
import { openDatabase } from "../../integrations/database.ts";
import { announceNotice } from "./announce-notice.ts";
import { loadSnapshot } from "./load-snapshot.ts";
import { recordUsage } from "./record-usage.ts";

const opened = new WeakMap<Env, Books>();

/** The meter's books in Postgres: the same for all objects of an isolate. */
export function postgresBooks(env: Env): Books {
  const known = opened.get(env) ?? open(env);
  opened.set(env, known);
  return known;
}

function open(env: Env): Books {
  const database = () => openDatabase(readConfig(env));
  return {
    gatherMs: () => readConfig(env).USAGE_FLUSH_MS,
    load: (customerId) => loadSnapshot(database(), customerId),
    record: (events) => recordUsage(database(), events),
    announce: (notice) => announceNotice(database(), notice),
  };
}
