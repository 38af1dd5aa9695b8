import { pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { at } from "./columns.ts";
import { webhookSource } from "./enums.ts";

/** Webhook deliveries already applied; the row is written in the same statement as the effect. */
export const webhookEvents = pgTable(
  "webhook_events",
  {
    source: webhookSource("source").notNull(),
    eventId: text("event_id").notNull(),
    receivedAt: at("received_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.source, t.eventId] })],
);
