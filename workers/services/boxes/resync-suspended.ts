import { sql } from "drizzle-orm";
import type { Ctx } from "../../context.ts";
import { eachItem } from "../each-item.ts";
import { moment } from "../sql.ts";
import { syncMeter } from "./sync-meter.ts";

const BATCH = 1_000;
/** So long after a suspension the customer's meter is told again, in case it could not be reached. */
const RESYNC_MS = 15 * 60_000;

/** The sweep's part for suspended boxes: a meter can't know of them by itself. */
export async function resyncSuspended(ctx: Ctx): Promise<void> {
  const since = moment(new Date(ctx.now().getTime() - RESYNC_MS));
  const { rows } = await ctx.db.execute(sql`select distinct customer_id from boxes
    where desired_status = 'suspended' and updated_at > ${since} limit ${BATCH}`);
  await eachItem(
    ctx,
    rows.map(({ customer_id }) => String(customer_id)),
    (id) => ({ customer_id: id }),
    (id) => syncMeter(ctx, id),
  );
}
