/** The one way into `operator_jobs`: jobs with their audit rows as parts of a statement, and what is offered after it. */
import { type SQL, sql } from "drizzle-orm";
import * as z from "zod";
import type { JobType } from "#schema/domain/states.ts";
import type { Ctx } from "../../context.ts";
import { actorName } from "../../contracts/actor.ts";
import type { Offer } from "../../contracts/mailbox.ts";
import { auditFrom, moment } from "../sql.ts";
import { makeOffer } from "./make-offer.ts";
import { notifyMailbox } from "./notify-mailbox.ts";

export interface NewJobs {
  type: JobType;
  /** The boxes, one job each: a part of the statement, or a query in brackets, with `id`, `cluster_id` and `generation`. */
  from: SQL;
  /** The job's id, an expression over a box `b`. Default: a random one each. */
  id?: SQL;
  /** Default: whoever acts. */
  requestedBy?: string;
  /** Default: at once. */
  availableAt?: Date;
  /** Steps that are done already, a JSON array: an expression over a box `b`. */
  steps?: SQL;
  /** The audit row of each: `detail` is a value, or an expression over a job `j` and its box `b`. */
  audit: { action: string; detail?: Record<string, unknown> | SQL | undefined };
}

/**
 * Two parts of a statement, `job` (id, box_id, cluster_id, seq of what was written) and `job_audit`. They stand behind the
 * part that changes the boxes, so that a job is written exactly where its change is.
 */
export function enqueue(ctx: Ctx, jobs: NewJobs): SQL {
  const now = ctx.now();
  const { from, type, id = sql`gen_random_uuid()`, requestedBy = actorName(ctx.actor), availableAt = now } = jobs;
  const { action, detail = {} } = jobs.audit;
  const written = sql`job j join ${from} b on b.id = j.box_id`;
  return sql`job as (
    insert into operator_jobs (id, box_id, cluster_id, type, generation, requested_by, available_at, created_at, steps)
    select ${id}, b.id, b.cluster_id, ${type}::job_type, b.generation, ${requestedBy}, ${moment(availableAt)}, ${moment(now)},
      ${jobs.steps ?? sql`'[]'::jsonb`}
    from ${from} b returning id, box_id, cluster_id, seq
  ), job_audit as (${auditFrom(ctx, written, action, sql`j.box_id::text`, detail)})`;
}

const Written = z.object({ id: z.uuid(), box_id: z.uuid(), seq: z.coerce.number() });

/** The offer of a job that was just written, from its row of the part `job`. */
export function offerOf(ctx: Ctx, row: unknown, { background = false }: Pick<Offer, "background"> = {}): Offer {
  const { id, box_id, seq } = Written.parse(row);
  return makeOffer({ id, boxId: box_id, seq, availableAt: ctx.now() }, background);
}

/** Offers jobs of one cluster that were just written, all at once; returns how many those are. */
export async function offerJobs(ctx: Ctx, clusterId: string, rows: readonly unknown[]): Promise<number> {
  const offers = rows.map((row) => offerOf(ctx, row));
  if (offers.length > 0) await notifyMailbox(ctx, clusterId, (mailbox) => mailbox.offer(offers));
  return offers.length;
}
