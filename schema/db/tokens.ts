import { sql } from "drizzle-orm";
import { check, foreignKey, index, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { boxes } from "./boxes.ts";
import { at, createdAt, id } from "./columns.ts";
import { customers } from "./customers.ts";
import { quotaAnswer, tokenStatus } from "./enums.ts";

export const proxyTokens = pgTable(
  "proxy_tokens",
  {
    id: id(),
    customerId: uuid("customer_id")
      .notNull()
      .references(() => customers.id),
    /** The box that the token is for; empty for a token an operator made for a customer's own use. */
    boxId: uuid("box_id").references(() => boxes.id),
    /** What an operator calls it: "CI", "laptop". A box's token has none. */
    label: text("label"),
    /** SHA-256 of the token, hex. The token itself is shown once and never stored. */
    tokenHash: text("token_hash").notNull(),
    last4: text("last4").notNull(),
    scopes: text("scopes").array().notNull().default(sql`array['llm']`),
    status: tokenStatus("status").notNull().default("active"),
    /** The form of an exceeded quota: `message` (an assistant's message, for boxes) or `error` (429). */
    whenSpent: quotaAnswer("when_spent").notNull().default("error"),
    createdAt: createdAt(),
    /** A retiring token works until then. */
    expiresAt: at("expires_at"),
    revokedAt: at("revoked_at"),
  },
  (t) => [
    uniqueIndex("proxy_tokens_token_hash_key").on(t.tokenHash),
    uniqueIndex("proxy_tokens_one_active_per_box").on(t.boxId).where(sql`${t.status} = 'active'`),
    index("proxy_tokens_customer_id_idx").on(t.customerId),
    foreignKey({
      name: "proxy_tokens_box_of_customer",
      columns: [t.boxId, t.customerId],
      foreignColumns: [boxes.id, boxes.customerId],
    }),
    // What the sweep looks for.
    index("proxy_tokens_expires_at_idx").on(t.expiresAt).where(sql`${t.status} <> 'revoked'`),
    check("proxy_tokens_label", sql`length(${t.label}) between 1 and 100`),
    check("proxy_tokens_retiring", sql`${t.status} <> 'retiring' or ${t.expiresAt} is not null`),
    check("proxy_tokens_hash_form", sql`${t.tokenHash} ~ '^[0-9a-f]{64}$'`),
    check("proxy_tokens_revoked_at", sql`(${t.status} = 'revoked') = (${t.revokedAt} is not null)`),
  ],
);
