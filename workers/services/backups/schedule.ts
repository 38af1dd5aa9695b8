/** Each active box is backed up once a day, at a minute of its own. */
import { sql } from "drizzle-orm";
import { AppError } from "#schema/domain/errors.ts";
import type { Ctx } from "../../context.ts";
import { eachItem } from "../each-item.ts";
import { moment } from "../sql.ts";
import { minuteOf, minuteOfDay } from "./minute.ts";
import { startBackup } from "./start.ts";
import { storageIfAny } from "./storage.ts";

/** The most that one sweep starts; the next sweep continues. */
const AT_ONCE = 25;
/** The box, the backup with its job, and telling of the job. */
const COST = 6;
/** A younger box has nothing to lose yet. */
const YOUNGEST_MS = 3_600_000;
/** How long to wait after a failed backup. */
const AGAIN_MS = 3_600_000;

/** Starts due backups. A box that can't be backed up now is left to the next sweep. */
export async function scheduleBackups(ctx: Ctx): Promise<void> {
  if (!storageIfAny(ctx)) return;
  const ids = await due(ctx);
  await eachItem(ctx, { items: ids, cost: COST, name: (id) => ({ box_id: id }) }, async (boxId) => {
    await startBackup({ ctx, input: { boxId, scheduled: true } }).catch((error: unknown) => {
      if (!(error instanceof AppError && error.code === "conflict")) throw error;
    });
  });
}

/** Boxes whose minute of the day has passed since their newest backup began. */
async function due(ctx: Ctx): Promise<string[]> {
  const now = ctx.now().getTime();
  const { rows } = await ctx.db.execute(sql`
    select b.id from boxes b
    cross join lateral (
      select date_trunc('minute', ${moment(ctx.now())}::timestamptz)
        - make_interval(mins => (${minuteOfDay(ctx.now())} - ${minuteOf(sql`b.id`)} + 1440) % 1440) as at
    ) slot
    where b.status = 'active' and b.desired_status = 'active' and b.customer_id is not null
      and b.created_at < least(slot.at, ${moment(new Date(now - YOUNGEST_MS))})
      and not exists (select from backups k where k.box_id = b.id and (
        (k.created_at >= slot.at and k.status <> 'failed') or k.status = 'pending'
        or k.created_at > ${moment(new Date(now - AGAIN_MS))}))
      and not exists (select from operator_jobs j where j.box_id = b.id and j.status in ('queued', 'running'))
    order by slot.at limit ${AT_ONCE}`);
  return rows.map(({ id }) => String(id));
}
