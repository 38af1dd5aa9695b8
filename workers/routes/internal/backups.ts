/** Operators: backups and restores. */
import * as z from "zod";
import { Backup, BackupAccepted, BackupList, RestoreRequest } from "#schema/contracts/backups.ts";
import { timeCursor } from "#schema/contracts/parts.ts";
import { BACKUP_STATUSES } from "#schema/domain/states.ts";
import { getBackup, listBackups } from "../../services/backups/list.ts";
import { restoreBackup } from "../../services/backups/restore.ts";
import { startBackup } from "../../services/backups/start.ts";
import { json } from "../answer.ts";
import { operation } from "../operation.ts";
import { accepted, jobLocation } from "./accepted.ts";

const reading = { audience: "operator", tag: "Backups", scope: "boxes:read", method: "get" } as const;
const writing = { ...reading, scope: "boxes:write", method: "post", idempotent: true } as const;

export const backupOperations = [
  operation({
    ...reading,
    path: "/internal/backups",
    summary: "List backups, newest first",
    query: z.strictObject({
      box_id: z.uuid().optional(),
      customer_id: z.uuid().optional(),
      status: z.enum(BACKUP_STATUSES).optional(),
      cursor: timeCursor.optional(),
    }),
    output: json("A page of backups", BackupList),
    verb: listBackups,
  }),
  operation({
    ...reading,
    path: "/internal/backups/{backup_id}",
    summary: "One backup",
    output: json("The backup", Backup),
    verb: getBackup,
  }),
  operation({
    ...writing,
    path: "/internal/backup/{box_id}",
    summary: "Back up a box's memory now, while it keeps working",
    output: json("The backup's job", BackupAccepted, 202),
    location: jobLocation,
    verb: startBackup,
  }),
  operation({
    ...writing,
    path: "/internal/backups/{backup_id}/restore",
    summary: "Put a backup into a box of the same customer, or into a new one",
    body: RestoreRequest,
    output: accepted,
    location: jobLocation,
    verb: restoreBackup,
  }),
];
