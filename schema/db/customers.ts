import { sql } from "drizzle-orm";
import { bigint, check, index, pgTable, text, uniqueIndex } from "drizzle-orm/pg-core";
import { at, createdAt, id, updatedAt } from "./columns.ts";

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
