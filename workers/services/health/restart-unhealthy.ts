/** Each minute: restarts boxes that became unhealthy, with growing waits and a limit. */
import { type SQL, sql } from "drizzle-orm";
import { AppError } from "#schema/domain/errors.ts";
import { GROWING_WAITS } from "#schema/domain/health.ts";
import { RESTARTED } from "#schema/domain/reasons/catalogue.ts";
import type { Ctx } from "../../context.ts";
import { changeBox } from "../boxes/change.ts";
import { eachItem } from "../each-item.ts";
import { listed, moment } from "../sql.ts";
import { growingWait } from "./growing-wait.ts";
import { type Outage, outages, outsideOf } from "./outages.ts";

/** The most in one sweep; the next sweep continues. */
const AT_ONCE = 20;
/** The box, its change, backups that this ends, and telling of the job. */
const COST = 8;

/**
 * A restart is a job like any other, so nothing else writes to the box meanwhile. Boxes of the warm pool are replaced
 * instead. In an outage nothing is restarted: that would make it worse.
 */
export async function restartUnhealthy(ctx: Ctx): Promise<void> {
  const { rows } = await ctx.db.execute(due(ctx, await outages(ctx)));
  const ids = rows.map(({ id }) => String(id));
  await eachItem(ctx, { items: ids, cost: COST, name: (id) => ({ box_id: id }) }, (id) => restart(ctx, id));
}

async function restart(ctx: Ctx, boxId: string): Promise<void> {
  const counted = sql`update box_health h set auto_restarts = h.auto_restarts + 1, auto_restarted_at = ${moment(ctx.now())}
    from changed where h.box_id = changed.id`;
  const detail = { reason: "unhealthy" };
  await changeBox(ctx, { boxId, change: "restart", set: [], also: { counted }, detail }).catch((error: unknown) => {
    // Somebody else has changed it since, which restarts it as well.
    if (!(error instanceof AppError && error.code === "conflict")) throw error;
  });
}

/** A box whose automatic restart failed is restarted again; one whose own job failed waits for an operator. */
function due(ctx: Ctx, known: readonly Outage[]): SQL {
  const now = moment(ctx.now());
  return sql`select b.id from boxes b join box_health h on h.box_id = b.id
    where h.state = 'unhealthy' and h.code in (${mendable}) and b.customer_id is not null
      and b.desired_status = 'active' and (b.status = 'active' or (b.status = 'failed' and h.auto_restarts > 0))
      and h.auto_restarts < ${GROWING_WAITS.length}
      and greatest(h.unhealthy_since, h.auto_restarted_at)
        <= ${now} - ${growingWait(sql`h.auto_restarts + 1`)}
      and not exists (select from operator_jobs j where j.box_id = b.id and j.status in ('queued', 'running'))
      and ${outsideOf(known)}
    order by h.unhealthy_since limit ${AT_ONCE}`;
}

const mendable = listed(RESTARTED.map((code) => sql`${code}`));
