/** The ledger's months: made before they begin, or when events came without one; dropped when they are old. docs/07-security.md tells customers so. */
import { lt, sql } from "drizzle-orm";
import { usageMonthly } from "#schema/db/usage.ts";
import { addMonths } from "#schema/domain/months.ts";
import type { Ctx } from "../../context.ts";
import { moment } from "../sql.ts";

/** Single requests are kept at least so long; then their month goes as a whole when all of it is older. */
const KEEP_EVENTS_DAYS = 90;
const KEEP_SUMS_MONTHS = 24;
/** A sweep that is down for a quarter of a year costs nothing; after that events lie in the default partition until it is up. */
const MONTHS_AHEAD = 3;
/** Old months are looked for once an hour, in this minute. */
const MINUTE = 41;

const DAY_MS = 24 * 3_600_000;

export async function keepPartitions(ctx: Pick<Ctx, "db" | "now">): Promise<void> {
  const now = ctx.now().getTime();
  const months = Array.from({ length: MONTHS_AHEAD + 1 }, (_, ahead) => moment(new Date(addMonths(now, ahead))));
  await ctx.db.execute(sql`select keep_usage_partitions(array[${sql.join(months, sql`, `)}])`);
  if (ctx.now().getUTCMinutes() === MINUTE) await forgetUsage(ctx);
}

/** Drops what is older than we promise to keep it. */
export async function forgetUsage({ db, now }: Pick<Ctx, "db" | "now">): Promise<void> {
  const events = new Date(now().getTime() - KEEP_EVENTS_DAYS * DAY_MS);
  const sums = new Date(addMonths(now().getTime(), -KEEP_SUMS_MONTHS));
  await db.delete(usageMonthly).where(lt(usageMonthly.periodEnd, sums));
  // By itself: while a partition is dropped nobody reads or writes the ledger.
  await db.execute(sql`select drop_usage_partitions(${moment(events)})`);
}
