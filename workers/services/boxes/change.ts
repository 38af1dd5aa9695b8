/** Changes a box: its desired state, job and audit row in one statement. */
import { and, eq, type SQL, sql } from "drizzle-orm";
import type { Accepted } from "#schema/contracts/internal.ts";
import { boxes, operatorJobs } from "#schema/db/schema.ts";
import { AppError } from "#schema/domain/errors.ts";
import type { Call, Ctx } from "../../context.ts";
import { closeBackups } from "../backups/close-orders.ts";
import { acceptedAgain } from "../idempotency/accepted-again.ts";
import { idFor, keyFrom, once } from "../idempotency/once.ts";
import { enqueue } from "../jobs/enqueue.ts";
import { stopSuperseded } from "../jobs/supersede.ts";
import { type JobRow, viewJob } from "../jobs/view-job.ts";
import { wakeJob } from "../jobs/wake.ts";
import { listed, moment } from "../sql.ts";
import { isOwned, type OwnedBox } from "./owned-box.ts";
import { type Change, refusal } from "./refusal.ts";
import { revokeInMeter } from "./sync-meter.ts";
import { selectBoxes, viewBox } from "./view-box.ts";

/** How often a change is retried because of a concurrent one. */
const TRIES = 5;

export interface BoxChange {
  boxId: string;
  change: Change;
  /** Assignments to columns of `boxes`, beside the generation. */
  set: readonly SQL[];
  /** More parts of the statement, by name; they see the changed box as `changed` (id, customer_id, subscription_id). */
  also?: Readonly<Record<string, SQL>>;
  /** The box may no longer call models: the answer waits until its customer's meter knows that. */
  revokes?: boolean;
  detail?: Detail;
  /** Rules that need the current box, or something read after it, and what follows from it. Throws if a rule is broken. */
  plan?: (box: OwnedBox) => Consequences | undefined | Promise<Consequences | undefined>;
}

type Detail = Readonly<Record<string, string | number | boolean | null>>;

interface Consequences {
  set?: readonly SQL[];
  detail?: Detail;
}

/**
 * Throws `not_found`, `conflict` with the reason if the box can't be changed that way now, and `upstream_unavailable` if
 * the change is made but a right that it revokes may still work: repeat the request.
 */
export function changeBox(ctx: Ctx, change: BoxChange): Promise<Accepted> {
  return once({ ctx, input: change }, makeChange, changedAgain);
}

async function changedAgain({ ctx, input: change }: Call<BoxChange>): Promise<Accepted> {
  const accepted = await acceptedAgain({ ctx });
  if (change.revokes) await revokeInMeter(ctx, accepted.box.customer_id);
  return accepted;
}

async function makeChange({ ctx, input: change }: Call<BoxChange>): Promise<Accepted> {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const [box] = await ctx.db.select().from(boxes).where(eq(boxes.id, change.boxId));
    if (!box) throw new AppError("not_found", "There is no such box");
    if (!isOwned(box)) throw new AppError("conflict", "This box belongs to the warm pool: change the pool instead");
    const refused = refusal(change.change, box);
    if (refused) {
      // This may be a repeated request, after a 503 because the meter did not answer.
      if (change.revokes) await revokeInMeter(ctx, box.customerId);
      throw new AppError("conflict", refused);
    }
    const { set = [], detail } = (await change.plan?.(box)) ?? {};
    const whole = { ...change, set: [...change.set, ...set], detail: { ...change.detail, ...detail } };
    const applied = await apply(ctx, whole, box.generation);
    if (applied) {
      const { accepted, job } = applied;
      wakeJob(ctx, job);
      await stopSuperseded(ctx, box.clusterId, [box.id]);
      ctx.log.set({ box_id: box.id, job_id: job.id, job_type: change.change, cluster_id: box.clusterId });
      if (change.revokes) await revokeInMeter(ctx, box.customerId);
      return accepted;
    }
  }
  throw new AppError("conflict", "This box is being changed by other requests; try again");
}

interface Applied {
  accepted: Accepted;
  job: JobRow;
}

/** Undefined if another change has raised the generation since it was read. */
async function apply(ctx: Ctx, change: BoxChange, generation: number): Promise<Applied | undefined> {
  const jobId = await idFor(ctx, "job");
  const [, boxRows, jobRows] = await ctx.db.batch([
    ctx.db.execute(statement(ctx, change, generation, jobId)),
    selectBoxes(ctx).where(eq(boxes.id, change.boxId)),
    ctx.db
      .select()
      .from(operatorJobs)
      .where(and(eq(operatorJobs.id, jobId), eq(operatorJobs.boxId, change.boxId))),
  ]);
  const [box] = boxRows;
  const [job] = jobRows;
  return box && job ? { accepted: { box: viewBox(box), job: viewJob(job) }, job } : undefined;
}

function statement(ctx: Ctx, change: BoxChange, generation: number, jobId: string): SQL {
  const now = moment(ctx.now());
  const assignments = listed([...change.set, sql`generation = generation + 1`, sql`updated_at = ${now}`]);
  // A newer job supersedes queued ones, except a provision, unless the box is to be destroyed. Running ones: `stopSuperseded`.
  const spared = change.change === "destroy" ? sql`` : sql`and j.type <> 'provision'`;
  return sql`with changed as (
    update boxes set ${assignments} where id = ${change.boxId} and generation = ${generation}
    returning id, cluster_id, customer_id, subscription_id, generation
  ), superseded as (
    update operator_jobs j set status = 'superseded', finished_at = ${now} from changed
    where j.box_id = changed.id and j.status = 'queued' ${spared}
    returning j.id
  ), ${closeBackups(sql`superseded`)}, ${enqueue(ctx, {
    type: change.change,
    from: sql`changed`,
    id: sql`${jobId}::uuid`,
    audit: { action: `box.${change.change}`, detail: change.detail },
  })}, key as (${keyFrom(ctx, sql`job`)})
  ${sql.join(Object.entries(change.also ?? {}).map(([name, part]) => sql`, ${sql.identifier(name)} as (${part})`))}
  select id from changed`;
}
