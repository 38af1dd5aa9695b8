import { sql } from "drizzle-orm";
import { check, integer, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { clusters } from "./clusters.ts";
import { updatedAt } from "./columns.ts";
import { tier } from "./enums.ts";

/** How many complete boxes without an owner a cluster keeps ready for a tier. */
export const warmPools = pgTable(
  "warm_pools",
  {
    clusterId: text("cluster_id")
      .notNull()
      .references(() => clusters.id),
    tier: tier("tier").notNull(),
    size: integer("size").notNull(),
    updatedAt: updatedAt(),
  },
  (t) => [primaryKey({ columns: [t.clusterId, t.tier] }), check("warm_pools_size", sql`${t.size} between 0 and 200`)],
);
