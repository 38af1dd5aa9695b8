/** Requests and answers of `/internal/backups/*`. */
import * as z from "zod";
import { BACKUP_STATUSES } from "#schema/domain/states.ts";
import { Job, telegramBotToken } from "./internal.ts";
import { time } from "./parts.ts";

export const Backup = z
  .object({
    id: z.uuid(),
    box_id: z.uuid(),
    customer_id: z.uuid(),
    status: z.enum(BACKUP_STATUSES),
    /** Made by the daily schedule, not on request. */
    scheduled: z.boolean(),
    /** Why it failed. */
    reason: z.string().nullable(),
    /** In the object storage, sealed; null until it is stored. */
    bytes: z.int().nullable(),
    sha256: z.string().nullable(),
    files: z.int().nullable(),
    openclaw: z.string().nullable(),
    job_id: z.uuid(),
    requested_by: z.string(),
    created_at: time,
    stored_at: time.nullable(),
    removed_at: time.nullable(),
  })
  .meta({ id: "Backup" });
export type Backup = z.infer<typeof Backup>;

export const BackupList = z
  .object({ backups: z.array(Backup), next_cursor: z.string().nullable() })
  .meta({ id: "BackupList" });
export type BackupList = z.infer<typeof BackupList>;

/** 202: the backup and its job. */
export const BackupAccepted = z.object({ backup: Backup, job: Job }).meta({ id: "BackupAccepted" });
export type BackupAccepted = z.infer<typeof BackupAccepted>;

/**
 * Where to: `box_id` names a living box of the same customer, whose memory is replaced; `telegram_bot_token` makes a new
 * box like the one that was backed up, for a customer who has none.
 */
export const RestoreRequest = z
  .strictObject({
    box_id: z.uuid().optional(),
    telegram_bot_token: telegramBotToken.optional(),
  })
  .refine(
    (request) => (request.box_id === undefined) !== (request.telegram_bot_token === undefined),
    "must have either box_id, or telegram_bot_token for a new box",
  )
  .meta({ id: "RestoreRequest", oneOf: [{ required: ["box_id"] }, { required: ["telegram_bot_token"] }] });
export type RestoreRequest = z.infer<typeof RestoreRequest>;
