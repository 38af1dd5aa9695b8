import { index, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { at, createdAt, id } from "./columns.ts";
import { customers } from "./customers.ts";

/** Refresh-token families of signed-in customers: a token works once; its reuse revokes the family. */
export const sessions = pgTable(
  "sessions",
  {
    id: id(),
    customerId: uuid("customer_id")
      .notNull()
      .references(() => customers.id),
    familyId: uuid("family_id").notNull(),
    /** SHA-256 of the refresh token, hex. */
    tokenHash: text("token_hash").notNull(),
    replacedById: uuid("replaced_by_id"),
    createdAt: createdAt(),
    expiresAt: at("expires_at").notNull(),
    revokedAt: at("revoked_at"),
  },
  (t) => [
    uniqueIndex("sessions_token_hash_key").on(t.tokenHash),
    index("sessions_family_id_idx").on(t.familyId),
    index("sessions_customer_id_idx").on(t.customerId),
  ],
);
