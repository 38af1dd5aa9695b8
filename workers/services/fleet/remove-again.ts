import { type SQL, sql } from "drizzle-orm";
import type { Ctx } from "../../context.ts";
import { enqueue } from "../jobs/enqueue.ts";
import { isGone } from "./judge-strays.ts";

/**
 * The parts of a statement that give another destroy job to boxes that are recorded as destroyed but are in the cluster.
 * `boxIds` is a query for their ids; `job` holds the jobs (id, box_id, seq).
 */
export function removeAgain(ctx: Ctx, clusterId: string, boxIds: SQL): SQL {
  return sql`to_remove as (
    select b.id, b.cluster_id, b.generation from boxes b where b.id in (${boxIds}) and ${isGone(clusterId)}
    order by b.id for update
  ), ${enqueue(ctx, {
    type: "destroy",
    from: sql`to_remove`,
    audit: { action: "box.destroy-again", detail: sql`jsonb_build_object('job', j.id)` },
  })}`;
}
