import { sql } from "drizzle-orm";
import type { Ctx } from "../../context.ts";
import { eachItem } from "../each-item.ts";
import { moment } from "../sql.ts";

/** The most in one sweep; the next sweep continues. */
const AT_ONCE = 200;
/** The meter; and the marks, after all of them. */
const COST = 2;

interface Waiting {
  customerId: string;
  version: string;
}

/**
 * The sweep's part for meters, which can't know by themselves of what was revoked, suspended or sold. Whoever changed it has
 * told the meter already, if it answered: being told again changes nothing there. The mark goes when the meter has read the
 * change, however long that takes, so no outage loses one.
 */
export async function syncMeters(ctx: Ctx): Promise<void> {
  const told: Waiting[] = [];
  const name = ({ customerId }: Waiting) => ({ customer_id: customerId });
  await eachItem(ctx, { items: await nextWaiting(ctx), cost: COST, name }, async (waiting) => {
    await ctx.meter(waiting.customerId).sync(waiting.customerId);
    told.push(waiting);
  });
  if (told.length > 0) await removeMarks(ctx, told);
}

/** Those who wait for longest. Whoever can't be told now is behind all the others afterwards. */
async function nextWaiting(ctx: Ctx): Promise<Waiting[]> {
  const most = Math.min(AT_ONCE, (ctx.turn?.left ?? Number.POSITIVE_INFINITY) - COST);
  const { rows } = await ctx.db.execute(sql`with next as (
      select customer_id from meter_syncs order by coalesce(tried_at, changed_at) limit ${most} for update skip locked
    )
    update meter_syncs m set tried_at = ${moment(ctx.now())} from next where m.customer_id = next.customer_id
    returning m.customer_id, m.version::text`);
  if (ctx.turn && rows.length === most && most < AT_ONCE) ctx.turn.postponed += 1;
  return rows.map(({ customer_id, version }) => ({ customerId: String(customer_id), version: String(version) }));
}

/** What was changed again meanwhile has another version, and stays. */
async function removeMarks(ctx: Ctx, told: readonly Waiting[]): Promise<void> {
  await ctx.db.execute(sql`delete from meter_syncs m
    using jsonb_to_recordset(${JSON.stringify(told)}::jsonb) as told("customerId" uuid, version bigint)
    where m.customer_id = told."customerId" and m.version = told.version`);
}
