import { sql } from "drizzle-orm";
import { integer, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { createdAt, id, updatedAt } from "./columns.ts";
import { customers } from "./customers.ts";
import { connectionStatus } from "./enums.ts";

export const customerConnections = pgTable(
  "customer_connections",
  {
    id: id(),
    customerId: uuid("customer_id")
      .notNull()
      .references(() => customers.id),
    /** Nango's integration id: `github`, `slack`. */
    provider: text("provider").notNull(),
    nangoConnectionId: text("nango_connection_id"),
    status: connectionStatus("status").notNull().default("pending"),
    errorCode: text("error_code"),
    callsThisPeriod: integer("calls_this_period").notNull().default(0),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (t) => [
    uniqueIndex("customer_connections_one_active_per_provider")
      .on(t.customerId, t.provider)
      .where(sql`${t.status} = 'active'`),
    uniqueIndex("customer_connections_nango_connection_id_key").on(t.nangoConnectionId),
  ],
);
