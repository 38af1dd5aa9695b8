/** `GET /internal/audit`: who did what to what. Names are snake_case, as on the wire. */
import * as z from "zod";
import { numberCursor, storable, time } from "./parts.ts";

export const AuditQuery = z.strictObject({
  box_id: z.uuid().optional().meta({ description: "A box, with its jobs" }),
  subject: storable(64).optional().meta({ description: "The id of a box, job, token, rollout or cluster" }),
  actor: storable(128).optional().meta({ description: "Such as `operator:ops`" }),
  action: storable(64).optional().meta({ description: "Such as `box.destroy`" }),
  cursor: numberCursor.optional(),
});

export const AuditEntry = z
  .object({
    id: z.int(),
    at: time,
    actor: z.string(),
    action: z.string(),
    subject: z.string(),
    request_id: z.string().nullable(),
    detail: z.record(z.string(), z.unknown()),
  })
  .meta({ id: "AuditEntry" });
export type AuditEntry = z.infer<typeof AuditEntry>;

/** Newest first; `next_cursor` goes into `?cursor=` of the next call. */
export const AuditList = z.object({ entries: z.array(AuditEntry), next_cursor: z.string().nullable() }).meta({
  id: "AuditList",
});
export type AuditList = z.infer<typeof AuditList>;
