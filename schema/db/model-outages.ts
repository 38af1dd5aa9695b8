import { pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { MODEL_FAILURES } from "#schema/domain/reasons/model.ts";
import { at } from "./columns.ts";

/** What a provider of models fails with now. A row begins with the first such failure and is deleted with the next answer. */
export const modelOutages = pgTable(
  "model_outages",
  {
    /** Its name in MODEL_TABLE. */
    provider: text("provider").notNull(),
    reason: text("reason", { enum: MODEL_FAILURES }).notNull(),
    since: at("since").notNull(),
    lastFailedAt: at("last_failed_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.provider, table.reason] })],
);
