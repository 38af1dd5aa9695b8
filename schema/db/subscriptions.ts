import { sql } from "drizzle-orm";
import { check, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { at, createdAt, id, updatedAt } from "./columns.ts";
import { customers } from "./customers.ts";
import { subscriptionStatus, tier } from "./enums.ts";

export const subscriptions = pgTable(
  "subscriptions",
  {
    id: id(),
    customerId: uuid("customer_id")
      .notNull()
      .references(() => customers.id),
    tier: tier("tier").notNull(),
    status: subscriptionStatus("status").notNull(),
    /** Empty if an operator provisioned it. */
    stripeSubscriptionId: text("stripe_subscription_id"),
    currentPeriodStart: at("current_period_start").notNull(),
    currentPeriodEnd: at("current_period_end").notNull(),
    cancelAtPeriodEnd: at("cancel_at_period_end"),
    /** The creation time of the newest Stripe event applied: an older one changes nothing. */
    stripeEventAt: at("stripe_event_at"),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (t) => [
    uniqueIndex("subscriptions_stripe_subscription_id_key").on(t.stripeSubscriptionId),
    uniqueIndex("subscriptions_one_live_per_customer")
      .on(t.customerId)
      .where(sql`${t.status} not in ('canceled', 'incomplete_expired')`),
    check("subscriptions_period", sql`${t.currentPeriodEnd} > ${t.currentPeriodStart}`),
  ],
);
