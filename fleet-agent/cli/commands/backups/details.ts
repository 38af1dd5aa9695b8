import type { Backup } from "#schema/contracts/backups.ts";
import { age } from "../age.ts";
import { details } from "../table.ts";

export const mebibytes = (bytes: number | null): string =>
  bytes === null ? "-" : `${(bytes / 1024 ** 2).toFixed(1)} MiB`;

export const backupDetails = (backup: Backup): string =>
  details([
    ["backup", backup.id],
    ["status", backup.status],
    ["reason", backup.reason],
    ["box", backup.box_id],
    ["customer", backup.customer_id],
    ["size", backup.bytes === null ? null : `${mebibytes(backup.bytes)}, ${backup.files} files`],
    ["sha256", backup.sha256],
    ["openclaw", backup.openclaw],
    ["job", backup.job_id],
    ["asked by", backup.scheduled ? "the daily schedule" : backup.requested_by],
    ["begun", `${backup.created_at} (${age(backup.created_at)} ago)`],
    ["stored", backup.stored_at],
    ["removed", backup.removed_at],
  ]);
