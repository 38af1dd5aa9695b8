import { sql } from "drizzle-orm";
import type { ClusterComparison, ReconcileRequest } from "#schema/contracts/clusters.ts";
import { AppError } from "#schema/domain/errors.ts";
import type { Call, Ctx } from "../../context.ts";
import { requireScope } from "../access.ts";
import { offerJobs } from "../jobs/enqueue.ts";
import { auditFrom, moment } from "../sql.ts";
import { readDrift } from "./read-drift.ts";
import { removeAgain } from "./remove-again.ts";

/**
 * Requests a full comparison now instead of within ten minutes; with `remove`, also removes the boxes that the brake
 * holds back, if their number is still what the operator saw. Throws `not_found`, `conflict`.
 */
export async function reconcileCluster({
  ctx,
  input,
}: Call<ReconcileRequest & { clusterId: string }>): Promise<ClusterComparison> {
  requireScope(ctx, "fleet:write");
  const { clusterId, remove } = input;
  const { brake } = await readDrift({ ctx, input });
  if (remove !== undefined) await release(ctx, clusterId, remove, brake?.boxes.length ?? 0);
  await ctx.db.execute(sql`with asked as (
    update clusters set compare_asked_at = ${moment(ctx.now())} where id = ${clusterId} returning id
  ) ${auditFrom(ctx, sql`asked`, "cluster.reconcile", sql`id`, remove === undefined ? {} : { remove })}`);
  ctx.log.set({ cluster_id: clusterId });
  return readDrift({ ctx, input });
}

async function release(ctx: Ctx, clusterId: string, confirmed: number, held: number): Promise<void> {
  if (held === 0) throw new AppError("conflict", "No deletion is held back in this cluster");
  const changed = new AppError("conflict", `${held} boxes are held back, not ${confirmed}: check them again`);
  if (held !== confirmed) throw changed;
  const { rows } = await ctx.db.execute(sql`with released as (
    update clusters c set brake = null from (select brake from clusters where id = ${clusterId} for update) b
    where c.id = ${clusterId} and jsonb_array_length(b.brake -> 'boxes') = ${confirmed} returning b.brake
  ), ${removeAgain(ctx, clusterId, sql`select jsonb_array_elements_text(brake -> 'boxes')::uuid from released`)}
  select id, box_id, seq from job`);
  await offerJobs(ctx, clusterId, rows);
}
