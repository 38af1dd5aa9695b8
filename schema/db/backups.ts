/** Backups of boxes' memory in the object storage, and restores. */
import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  check,
  foreignKey,
  index,
  jsonb,
  pgTable,
  text,
  unique,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import type { BackupManifest } from "#schema/contracts/state-transfer.ts";
import { boxes } from "./boxes.ts";
import { at, createdAt, id } from "./columns.ts";
import { backupStatus, restoreStatus } from "./enums.ts";
import { operatorJobs } from "./jobs.ts";

/** How one attempt of the fleet ended; the order itself stays open as long as its job does. */
const attempt = () => ({
  attemptFence: bigint("attempt_fence", { mode: "number" }),
  attemptReason: text("attempt_reason"),
  attemptRetryable: boolean("attempt_retryable"),
  attemptCode: text("attempt_code"),
});

export const backups = pgTable(
  "backups",
  {
    id: id(),
    boxId: uuid("box_id").notNull(),
    customerId: uuid("customer_id").notNull(),
    /** The job that takes it. */
    jobId: uuid("job_id")
      .notNull()
      .references(() => operatorJobs.id),
    status: backupStatus("status").notNull().default("pending"),
    /** Made by the daily schedule. */
    scheduled: boolean("scheduled").notNull().default(false),
    /** Envelope-encrypted (`v1.…`). Erased with the backup, whose objects can't be read from then on. */
    dataKeySealed: text("data_key_sealed"),
    manifest: jsonb("manifest").$type<BackupManifest>(),
    bytes: bigint("bytes", { mode: "number" }),
    reason: text("reason"),
    ...attempt(),
    requestedBy: text("requested_by").notNull(),
    createdAt: createdAt(),
    storedAt: at("stored_at"),
    /** When the last of its objects was deleted. */
    removedAt: at("removed_at"),
  },
  (t) => [
    foreignKey({
      name: "backups_box_of_customer",
      columns: [t.boxId, t.customerId],
      foreignColumns: [boxes.id, boxes.customerId],
    }),
    unique("backups_id_customer_id_key").on(t.id, t.customerId),
    uniqueIndex("backups_one_pending_per_box").on(t.boxId).where(sql`${t.status} = 'pending'`),
    uniqueIndex("backups_job_id_key").on(t.jobId),
    index("backups_box_id_created_at_idx").on(t.boxId, t.createdAt),
    index("backups_created_at_idx").on(t.createdAt),
    check("backups_key_sealed", sql`${t.dataKeySealed} like 'v1.%'`),
    check(
      "backups_stored",
      sql`${t.status} <> 'stored' or (num_nulls(${t.manifest}, ${t.bytes}, ${t.storedAt}, ${t.dataKeySealed}) = 0)`,
    ),
    check("backups_removed", sql`${t.status} <> 'removed' or ${t.dataKeySealed} is null`),
    check("backups_removed_at", sql`${t.removedAt} is null or ${t.status} in ('failed', 'removed')`),
  ],
);

export const restores = pgTable(
  "restores",
  {
    id: id(),
    backupId: uuid("backup_id").notNull(),
    /** The box that gets the state. */
    boxId: uuid("box_id").notNull(),
    /** The owner of both, so that no memory goes into another customer's box. */
    customerId: uuid("customer_id").notNull(),
    status: restoreStatus("status").notNull().default("pending"),
    /** The box was made from this backup: it never starts without it. */
    isOrigin: boolean("is_origin").notNull(),
    reason: text("reason"),
    ...attempt(),
    requestedBy: text("requested_by").notNull(),
    createdAt: createdAt(),
    finishedAt: at("finished_at"),
  },
  (t) => [
    foreignKey({
      name: "restores_backup_of_customer",
      columns: [t.backupId, t.customerId],
      foreignColumns: [backups.id, backups.customerId],
    }),
    foreignKey({
      name: "restores_box_of_customer",
      columns: [t.boxId, t.customerId],
      foreignColumns: [boxes.id, boxes.customerId],
    }),
    uniqueIndex("restores_one_pending_per_box").on(t.boxId).where(sql`${t.status} = 'pending'`),
    index("restores_backup_id_idx").on(t.backupId),
    check("restores_finished", sql`(${t.status} = 'pending') = (${t.finishedAt} is null)`),
  ],
);
