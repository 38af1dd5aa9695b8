import { bigint, pgTable, uuid } from "drizzle-orm/pg-core";
import { at } from "./columns.ts";
import { customers } from "./customers.ts";

/**
 * Customers whose TokenMeter has yet to be told of a change: written by triggers in the statement that changes a token, a
 * box's desired status or a subscription, and deleted when the meter has read the change.
 */
export const meterSyncs = pgTable("meter_syncs", {
  customerId: uuid("customer_id")
    .primaryKey()
    .references(() => customers.id),
  /** Another one for each change: what was told of an older one stays to be told. */
  version: bigint("version", { mode: "number" }).notNull().generatedByDefaultAsIdentity(),
  changedAt: at("changed_at").notNull().defaultNow(),
  /** Whoever could not be told goes behind those who wait for longer. */
  triedAt: at("tried_at"),
});
