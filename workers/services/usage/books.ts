import { readConfig } from "../../config.ts";
import type { Env } from "../../env.ts";
import { openDatabase } from "../../integrations/database.ts";
import type { Books } from "../../objects/token-meter/books.ts";
import { announceNotice } from "./announce-notice.ts";
import { loadSnapshot } from "./load-snapshot.ts";
import { recordUsage } from "./record-usage.ts";

/** The meter's books in Postgres. */
export function postgresBooks(env: Env): Books {
  const open = () => openDatabase(readConfig(env));
  return {
    gatherMs: () => readConfig(env).USAGE_FLUSH_MS,
    load: (customerId) => loadSnapshot(open(), customerId),
    record: (events) => recordUsage(open(), events),
    announce: (notice) => announceNotice(open(), notice),
  };
}
