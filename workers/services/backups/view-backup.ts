import type { Backup } from "#schema/contracts/backups.ts";
import type { BackupRow } from "./orders.ts";

export function viewBackup(row: BackupRow): Backup {
  return {
    id: row.id,
    box_id: row.boxId,
    customer_id: row.customerId,
    status: row.status,
    scheduled: row.scheduled,
    reason: row.reason ?? (row.status === "pending" ? row.attemptReason : null),
    bytes: row.bytes,
    sha256: row.manifest?.sha256 ?? null,
    files: row.manifest?.files ?? null,
    openclaw: row.manifest?.openclaw ?? null,
    job_id: row.jobId,
    requested_by: row.requestedBy,
    created_at: row.createdAt.toISOString(),
    stored_at: row.storedAt?.toISOString() ?? null,
    removed_at: row.removedAt?.toISOString() ?? null,
  };
}
