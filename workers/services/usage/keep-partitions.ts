/** The ledger's monthly partitions: created ahead, or for events that came before; dropped when old, as docs/07-security.md promises. */
import { lt, sql } from "drizzle-orm";
import { usageMonthly } from "#schema/db/usage.ts";
import { addMonths } from "#schema/domain/months.ts";
import type { Ctx } from "../../context.ts";
import { listed, moment } from "../sql.ts";

/** Single requests are kept at least this long; a month is dropped when all of it is older. */
const KEEP_EVENTS_DAYS = 90;
const KEEP_SUMS_MONTHS = 24;
/** The sweep may be down for a quarter of a year; after that, events go into the default partition until it is up. */
const MONTHS_AHEAD = 3;
/** Old months are dropped once an hour, in this minute. */
const MINUTE = 41;

const DAY_MS = 24 * 3_600_000;

export async function keepPartitions(ctx: Pick<Ctx, "db" | "now">): Promise<void> {
  const now = ctx.now().getTime();
  const months = Array.from({ length: MONTHS_AHEAD + 1 }, (_, ahead) => moment(new Date(addMonths(now, ahead))));
  await ctx.db.execute(sql`select keep_usage_partitions(array[${listed(months)}])`);
  if (ctx.now().getUTCMinutes() === MINUTE) await forgetUsage(ctx);
}

/** Drops what is older than the retention period. */
export async function forgetUsage({ db, now }: Pick<Ctx, "db" | "now">): Promise<void> {
  const events = new Date(now().getTime() - KEEP_EVENTS_DAYS * DAY_MS);
  const sums = new Date(addMonths(now().getTime(), -KEEP_SUMS_MONTHS));
  await db.delete(usageMonthly).where(lt(usageMonthly.periodEnd, sums));
  // In its own transaction: dropping a partition locks the ledger.
  await db.execute(sql`select drop_usage_partitions(${moment(events)})`);
}
