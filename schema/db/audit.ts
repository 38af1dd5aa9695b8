import { bigint, index, jsonb, pgTable, text } from "drizzle-orm/pg-core";
import { at } from "./columns.ts";

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
