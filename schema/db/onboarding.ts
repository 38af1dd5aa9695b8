import { sql } from "drizzle-orm";
import { bigint, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { at, createdAt, id, updatedAt } from "./columns.ts";
import { customers } from "./customers.ts";
import { onboardingState, tier } from "./enums.ts";

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
