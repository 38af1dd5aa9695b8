/** Removes backups that need not be kept: first the key, without which nobody can read them, then the objects. */
import { and, eq, inArray, isNull, notExists, sql } from "drizzle-orm";
import { backups, restores } from "#schema/db/schema.ts";
import { AFTER_DESTROYED_MS, DAILY, expendable, WEEKLY } from "#schema/domain/backup-retention.ts";
import type { Ctx } from "../../context.ts";
import { eachItem, isSpent } from "../each-item.ts";
import { moment } from "../sql.ts";
import { minuteOf, minuteOfDay } from "./minute.ts";
import { prefixOf } from "./object-keys.ts";
import type { BackupRow } from "./orders.ts";
import { storageIfAny } from "./storage.ts";

/** Boxes, and backups, that one sweep looks at. */
const BOXES = 50;
const BACKUPS = 20;
/** The list, an object and the mark. */
const COST = 3;

/** The sweep's two parts: neither keeps the other from its work. */
export const retireBackups = async (ctx: Ctx): Promise<void> => retire(ctx, await spent(ctx));

/**
 * Backups beyond retention, and those of boxes destroyed long ago. A box with more backups than are ever kept is checked at
 * once; the others once a day, at their minute, so that boxes without surplus take no one's turn.
 */
async function spent(ctx: Ctx): Promise<string[]> {
  const now = ctx.now();
  const { rows } = await ctx.db.execute(sql`
    select k.id, k.box_id, k.stored_at, b.destroyed_at < ${moment(new Date(now.getTime() - AFTER_DESTROYED_MS))} as gone
    from backups k join boxes b on b.id = k.box_id where k.status = 'stored' and k.box_id in (
      select k2.box_id from backups k2 join boxes b2 on b2.id = k2.box_id where k2.status = 'stored'
      group by k2.box_id, b2.destroyed_at
      having count(*) > ${DAILY + WEEKLY} or ${minuteOf(sql`k2.box_id`)} = ${minuteOfDay(now)} or b2.destroyed_at < ${moment(new Date(now.getTime() - AFTER_DESTROYED_MS))}
      limit ${BOXES})`);
  const byBox = Map.groupBy(rows, (row) => String(row.box_id));
  return [...byBox.values()].flatMap((ofBox) =>
    ofBox.some(({ gone }) => gone === true)
      ? ofBox.map(({ id }) => String(id))
      : expendable(
          ofBox.map(({ id, stored_at }) => ({ id: String(id), storedAt: new Date(String(stored_at)) })),
          now,
        ),
  );
}

/** A backup that is being restored stays. From here on nobody can read the others. */
async function retire(ctx: Ctx, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const restoring = ctx.db
    .select({ id: restores.id })
    .from(restores)
    .where(and(eq(restores.backupId, backups.id), eq(restores.status, "pending")));
  await ctx.db
    .update(backups)
    .set({ status: "removed", dataKeySealed: null })
    .where(and(inArray(backups.id, [...ids]), eq(backups.status, "stored"), notExists(restoring)));
}

/** The objects of removed and of failed backups, in any order: none that can't go keeps the others. What this sweep does not come to, the next one does. */
export async function removeObjects(ctx: Ctx): Promise<void> {
  const storage = storageIfAny(ctx);
  if (!storage) return;
  const left = await ctx.db
    .select()
    .from(backups)
    .where(and(inArray(backups.status, ["removed", "failed"]), isNull(backups.removedAt)))
    .orderBy(sql`random()`)
    .limit(BACKUPS);
  const name = ({ id, boxId }: BackupRow) => ({ backup_id: id, box_id: boxId });
  await eachItem(ctx, { items: left, cost: COST, name }, async (backup) => {
    const objects = await storage.list(prefixOf(backup));
    for (const { key } of objects) {
      if (isSpent(ctx.turn, 2)) return;
      await storage.remove(key);
    }
    await markRemoved(ctx, backup);
  });
}

async function markRemoved(ctx: Ctx, { id }: BackupRow): Promise<void> {
  await ctx.db.update(backups).set({ removedAt: ctx.now(), dataKeySealed: null }).where(eq(backups.id, id));
}
