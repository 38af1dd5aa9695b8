import { sql } from "drizzle-orm";
import {
  bigint,
  check,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
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

/** Webhook deliveries already applied; the row is written in the same statement as the effect. */
export const webhookEvents = pgTable(
  "webhook_events",
  {
    source: text("source").notNull(),
    eventId: text("event_id").notNull(),
    receivedAt: at("received_at").notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.source, t.eventId] }),
    check("webhook_events_source", sql`${t.source} in ('stripe', 'telegram', 'nango', 'qstash')`),
  ],
);

/** An `Idempotency-Key`, written in the statement of its request's effect, and the answer, replayed for 24 hours. */
export const idempotencyKeys = pgTable(
  "idempotency_keys",
  {
    /** Who asked: a customer id or an operator key's name. */
    owner: text("owner").notNull(),
    key: text("key").notNull(),
    /** SHA-256 of method, path and body: the same key with another request is a conflict. */
    requestHash: text("request_hash").notNull(),
    /** Empty until the answer is known, and where it holds a secret: then it is read from what the request made. */
    responseStatus: integer("response_status"),
    responseHeaders: jsonb("response_headers").$type<Record<string, string>>(),
    responseBody: jsonb("response_body"),
    createdAt: createdAt(),
    expiresAt: at("expires_at").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.owner, t.key] }),
    index("idempotency_keys_expires_at_idx").on(t.expiresAt),
    check("idempotency_keys_length", sql`length(${t.key}) between 1 and 255`),
  ],
);

/** Who did what to what. Append-only: a trigger refuses UPDATE and DELETE. */
export const auditLog = pgTable(
  "audit_log",
  {
    id: bigint("id", { mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    at: at("at").notNull().defaultNow(),
    /** `operator:<key name>`, `agent:<cluster>`, `customer:<id>`, `system`. */
    actor: text("actor").notNull(),
    /** `box.provision`, `token.revoke`, … */
    action: text("action").notNull(),
    subject: text("subject").notNull(),
    requestId: text("request_id"),
    detail: jsonb("detail").$type<Record<string, string | number | boolean | null>>().notNull().default({}),
  },
  (t) => [index("audit_log_subject_at_idx").on(t.subject, t.at)],
);
