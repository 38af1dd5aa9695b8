import { sql } from "drizzle-orm";
import { bigint, boolean, check, index, integer, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { at, updatedAt } from "./columns.ts";
import { customers } from "./customers.ts";

/**
 * One row a settled model request; never changed. Partitioned by month of `occurred_at` (the migration says so:
 * drizzle-kit cannot), hence the two-part key. No foreign keys: the ledger outlives what it speaks of.
 */
export const usageEvents = pgTable(
  "usage_events",
  {
    /** The reservation's id: writing an event twice changes nothing. */
    id: uuid("id").notNull(),
    /** The event that this one corrects: its tokens are then differences and may be negative. */
    corrects: uuid("corrects"),
    occurredAt: at("occurred_at").notNull(),
    customerId: uuid("customer_id").notNull(),
    tokenId: uuid("token_id").notNull(),
    boxId: uuid("box_id"),
    periodStart: at("period_start").notNull(),
    model: text("model").notNull(),
    /** All input tokens, cached ones included, as the provider reported them. */
    inputTokens: integer("input_tokens").notNull(),
    cachedInputTokens: integer("cached_input_tokens").notNull(),
    outputTokens: integer("output_tokens").notNull(),
    /** True if the provider's figure is missing and ours was recorded. */
    estimated: boolean("estimated").notNull().default(false),
    /** How the request ended, as the check below has it; `corrected` is no request. */
    outcome: text("outcome").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.occurredAt, t.id] }),
    index("usage_events_customer_id_occurred_at_idx").on(t.customerId, t.occurredAt),
    check(
      "usage_events_outcome",
      sql`${t.outcome} in ('completed', 'client_closed', 'upstream_error', 'limit_reached', 'cut_off', 'expired', 'corrected')`,
    ),
    check("usage_events_corrects", sql`(${t.corrects} is not null) = (${t.outcome} = 'corrected')`),
    check(
      "usage_events_tokens",
      sql`${t.corrects} is not null or (${t.inputTokens} >= 0 and ${t.cachedInputTokens} >= 0 and ${t.outputTokens} >= 0)`,
    ),
  ],
);

/** The sum of a customer's events in one billing period, kept in the same statement that inserts them. */
export const usageMonthly = pgTable(
  "usage_monthly",
  {
    customerId: uuid("customer_id")
      .notNull()
      .references(() => customers.id),
    periodStart: at("period_start").notNull(),
    periodEnd: at("period_end").notNull(),
    requests: bigint("requests", { mode: "number" }).notNull().default(0),
    inputTokens: bigint("input_tokens", { mode: "number" }).notNull().default(0),
    cachedInputTokens: bigint("cached_input_tokens", { mode: "number" }).notNull().default(0),
    outputTokens: bigint("output_tokens", { mode: "number" }).notNull().default(0),
    updatedAt: updatedAt(),
  },
  (t) => [
    primaryKey({ columns: [t.customerId, t.periodStart] }),
    check("usage_monthly_period", sql`${t.periodEnd} > ${t.periodStart}`),
    check("usage_monthly_sums", sql`${t.requests} >= 0`),
  ],
);
