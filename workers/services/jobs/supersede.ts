/** Running jobs that a newer wish has made pointless. */
import { inArray, type SQL, sql } from "drizzle-orm";
import * as z from "zod";
import { ENDS } from "#schema/domain/jobs.ts";
import type { Ctx } from "../../context.ts";
import { closeBackups } from "../backups/close-orders.ts";
import { auditFrom, moment } from "../sql.ts";
import { notifyMailbox } from "./notify-mailbox.ts";

/**
 * Whether a newer job waits that ends this running one (`ENDS`). One that was asked for before it began does not: the
 * running job brings the box to the newest desired state, and so does that one's work. `j` names the table or its alias.
 */
export const isSuperseded = (j: SQL): SQL => sql`exists (
    select from operator_jobs newer where newer.box_id = ${j}.box_id and newer.status = 'queued'
      and newer.seq > ${j}.seq and newer.created_at > ${j}.started_at
      and (${JSON.stringify(ENDS)}::jsonb -> newer.type::text) @> to_jsonb(${j}.type::text))`;

/**
 * Ends the job, which its agent does not work on any more, for the newer one. False where none waits. `held` says which
 * job `j` it is; a failure of its own is kept.
 */
export async function supersede(ctx: Ctx, held: SQL, failure: { code: string; message: string } | undefined) {
  const { rows } = await ctx.db.execute(sql`with ended as (
    update operator_jobs j set status = 'superseded', lease_until = null, finished_at = ${moment(ctx.now())},
      error_code = ${failure?.code ?? null}, error_message = ${failure?.message ?? null}
    where ${held} and ${isSuperseded(sql`j`)} returning j.id, j.box_id
  ), ${closeBackups(sql`ended`)}, audit as (${auditFrom(ctx, sql`ended`, "job.superseded", sql`id::text`, {})})
  select id from ended`);
  return rows.length > 0;
}

const Held = z.object({ id: z.uuid(), fence: z.coerce.number() });

/**
 * Has the agents of these boxes told to end what a newer job waits for. Should the mailbox not answer, the job's next
 * heartbeat is refused.
 */
export async function stopSuperseded(ctx: Ctx, clusterId: string, boxIds: readonly string[]): Promise<void> {
  if (boxIds.length === 0) return;
  const { rows } = await ctx.db.execute(sql`select j.id, j.fence from operator_jobs j
    where ${inArray(sql`j.box_id`, [...boxIds])} and j.status = 'running' and ${isSuperseded(sql`j`)}`);
  for (const { id, fence } of rows.map((row) => Held.parse(row))) {
    await notifyMailbox(ctx, clusterId, (mailbox) => mailbox.stop(id, fence));
  }
}
