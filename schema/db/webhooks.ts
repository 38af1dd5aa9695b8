import { sql } from "drizzle-orm";
import { check, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { at } from "./columns.ts";

/** Webhook deliveries already applied; the row is written in the same statement as the effect. */
export const webhookEvents = pgTable(
  "webhook_events",
  {
    source: text("source").notNull(),
    eventId: text("event_id").notNull(),
    receivedAt: at("received_at").notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.source, t.eventId] }),
    check("webhook_events_source", sql`${t.source} in ('stripe', 'telegram', 'nango', 'qstash')`),
  ],
);
