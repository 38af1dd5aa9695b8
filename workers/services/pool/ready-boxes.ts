/** Which boxes of the warm pool can be adopted. */
import { type SQL, sql } from "drizzle-orm";
import type { TierId } from "#schema/domain/tiers.ts";
import type { Ctx } from "../../context.ts";

/** The bot's token is sealed to each before one is chosen: more would cost time, fewer might all be taken. */
const MOST = 16;

/** Of a box `b`: it has no owner and is not being removed. */
export const inPool = sql`b.customer_id is null and b.desired_status = 'active'`;

/**
 * The fleet would build the pod differently now, or the cluster has another image. During a rollout, boxes of
 * the old and of the new image are both current. Of a box `b` and its cluster `c`.
 */
export const isOutdated = sql`(exists (select from box_rollouts o where o.box_id = b.id and o.outdated) or (b.image_id is distinct from c.image_id and not exists (
  select from rollouts r where r.cluster_id = c.id and r.status in ('running', 'paused', 'rolling_back'))))`;

/** Running, healthy, and without an open job. Of a box `b` and its cluster `c`. */
export const isReady = sql`(${inPool} and b.status = 'active'
  and exists (select from box_health h where h.box_id = b.id and h.state = 'healthy')
  and b.observed_generation = b.generation and not ${isOutdated} and not exists (
    select from operator_jobs j where j.box_id = b.id and j.status in ('queued', 'running')))`;

export interface ReadyBox {
  id: string;
  clusterId: string;
}

/** In random order: simultaneous requests should not all try the same one. */
export async function readyBoxes(ctx: Ctx, tier: TierId, clusterId?: string): Promise<ReadyBox[]> {
  const where: SQL = clusterId === undefined ? sql`` : sql`and c.id = ${clusterId}`;
  const { rows } =
    await ctx.db.execute(sql`select b.id, b.cluster_id from boxes b join clusters c on c.id = b.cluster_id
    where b.tier = ${tier}::tier and c.accepts_new_boxes and ${isReady} ${where} order by random() limit ${MOST}`);
  return rows.map((row) => ({ id: String(row.id), clusterId: String(row.cluster_id) }));
}
