import { sql } from "drizzle-orm";
import { bigint, check, index, integer, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { at, createdAt, id, updatedAt } from "./columns.ts";
import { connectionStatus, onboardingState, subscriptionStatus, tier } from "./enums.ts";

export const customers = pgTable(
  "customers",
  {
    id: id(),
    /** Lower case; one customer an address. */
    email: text("email").notNull(),
    telegramUserId: bigint("telegram_user_id", { mode: "number" }),
    language: text("language").notNull().default("en"),
    stripeCustomerId: text("stripe_customer_id"),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
    /** Set when the person asked to be forgotten; the email is then a pseudonym. */
    deletedAt: at("deleted_at"),
  },
  (t) => [
    uniqueIndex("customers_email_key").on(t.email),
    uniqueIndex("customers_stripe_customer_id_key").on(t.stripeCustomerId),
    index("customers_telegram_user_id_idx").on(t.telegramUserId),
    check("customers_email_lower", sql`${t.email} = lower(${t.email})`),
  ],
);

export const subscriptions = pgTable(
  "subscriptions",
  {
    id: id(),
    customerId: uuid("customer_id")
      .notNull()
      .references(() => customers.id),
    tier: tier("tier").notNull(),
    status: subscriptionStatus("status").notNull(),
    /** Empty where an operator provisioned by hand. */
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

export const onboardingSessions = pgTable(
  "onboarding_sessions",
  {
    id: id(),
    telegramUserId: bigint("telegram_user_id", { mode: "number" }),
    customerId: uuid("customer_id").references(() => customers.id),
    state: onboardingState("state").notNull().default("started"),
    tier: tier("tier"),
    language: text("language").notNull().default("en"),
    stripeCheckoutSessionId: text("stripe_checkout_session_id"),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
    expiresAt: at("expires_at").notNull(),
  },
  (t) => [
    uniqueIndex("onboarding_sessions_stripe_checkout_session_id_key").on(t.stripeCheckoutSessionId),
    uniqueIndex("onboarding_sessions_one_open_per_telegram_user")
      .on(t.telegramUserId)
      .where(sql`${t.state} not in ('live', 'abandoned')`),
  ],
);

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
