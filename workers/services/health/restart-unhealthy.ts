/** Each minute: boxes that came up and don't work any more get another start, with growing waits and not for ever. */
import { type SQL, sql } from "drizzle-orm";
import { AppError } from "#schema/domain/errors.ts";
import { GROWING_WAITS, RESTART_MAY_MEND } from "#schema/domain/health.ts";
import type { Ctx } from "../../context.ts";
import { changeBox } from "../boxes/change.ts";
import { everyOne } from "../every-one.ts";
import { moment } from "../sql.ts";
import { growingWait } from "./growing-wait.ts";
import { type Outage, outages, outsideOf } from "./outages.ts";

/** In one sweep; the next minute takes the next ones. */
const AT_ONCE = 20;

/**
 * A restart is a job like any other, so that nobody else writes to the box meanwhile. Boxes of the warm pool are replaced
 * instead, and in an outage nothing is restarted: it would only add to it.
 */
export async function restartUnhealthy(ctx: Ctx): Promise<void> {
  const { rows } = await ctx.db.execute(due(ctx, await outages(ctx)));
  await everyOne(rows, ({ id }) => restart(ctx, String(id)));
}

async function restart(ctx: Ctx, boxId: string): Promise<void> {
  const set = [sql`auto_restarts = auto_restarts + 1`, sql`auto_restarted_at = ${moment(ctx.now())}`];
  const detail = { reason: "unhealthy" };
  await changeBox(ctx, { boxId, change: "restart", set, detail }).catch((error: unknown) => {
    // Somebody else has changed it since: that is as good as a restart.
    if (!(error instanceof AppError && error.code === "conflict")) throw error;
  });
}

/** A box goes on failing where its restart failed; one whose own job failed first waits for a person. */
function due(ctx: Ctx, known: readonly Outage[]): SQL {
  const now = moment(ctx.now());
  return sql`select b.id from boxes b
    where b.health = 'unhealthy' and b.health_code in (${mendable}) and b.customer_id is not null
      and b.desired_status = 'active' and (b.status = 'active' or (b.status = 'failed' and b.auto_restarts > 0))
      and b.auto_restarts < ${GROWING_WAITS.length}
      and greatest(b.unhealthy_since, b.auto_restarted_at)
        <= ${now} - ${growingWait(sql`b.auto_restarts + 1`)}
      and not exists (select from operator_jobs j where j.box_id = b.id and j.status in ('queued', 'running'))
      and ${outsideOf(known)}
    order by b.unhealthy_since limit ${AT_ONCE}`;
}

const mendable = sql.join(
  RESTART_MAY_MEND.map((code) => sql`${code}`),
  sql`, `,
);
