import { sql } from "drizzle-orm";
import { bigint, check, index, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { at, createdAt, id, updatedAt } from "./columns.ts";
import { identityKind } from "./enums.ts";

export const customers = pgTable(
  "customers",
  {
    id: id(),
    /** The mail address, in lower case; may be empty for a customer who did not sign up by email. */
    email: text("email"),
    telegramUserId: bigint("telegram_user_id", { mode: "number" }),
    language: text("language").notNull().default("en"),
    stripeCustomerId: text("stripe_customer_id"),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
    /** Set when the person asked to be erased; the email is then a pseudonym, and there is no identity. */
    deletedAt: at("deleted_at"),
  },
  (t) => [
    uniqueIndex("customers_stripe_customer_id_key").on(t.stripeCustomerId),
    index("customers_telegram_user_id_idx").on(t.telegramUserId),
    check("customers_email_lower", sql`${t.email} = lower(${t.email})`),
  ],
);

/** How a customer is recognised: one customer may have many, and each is one customer's. */
export const identities = pgTable(
  "identities",
  {
    id: id(),
    customerId: uuid("customer_id")
      .notNull()
      .references(() => customers.id),
    kind: identityKind("kind").notNull(),
    /** The address in lower case; the Telegram user's number. */
    subject: text("subject").notNull(),
    /** When its holder proved it. Until then it names the customer but can't sign in. */
    verifiedAt: at("verified_at"),
    createdAt: createdAt(),
  },
  (t) => [
    uniqueIndex("identities_kind_subject_key").on(t.kind, t.subject),
    index("identities_customer_id_idx").on(t.customerId),
    check(
      "identities_subject",
      sql`case ${t.kind} when 'email' then ${t.subject} = lower(${t.subject}) and ${t.subject} like '%@%'
        when 'telegram' then ${t.subject} ~ '^[1-9][0-9]{0,18}$' end`,
    ),
  ],
);
