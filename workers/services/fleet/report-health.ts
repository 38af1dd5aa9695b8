import { eq, type SQL, sql } from "drizzle-orm";
import type { HealthAnswer, HealthReport } from "#schema/contracts/fleet.ts";
import { clusters } from "#schema/db/schema.ts";
import { NEW_TROUBLE_MS } from "#schema/domain/health.ts";
import type { Call, Ctx } from "../../context.ts";
import { ownCluster } from "../access.ts";
import { poolFigures, readPoolFigures } from "../pool/pool-figures.ts";
import { moment } from "../sql.ts";

/**
 * Records an agent's report about its own cluster's boxes; others are ignored. A report names the boxes whose
 * health has changed, so that thousands of healthy ones cost one row every 15 s: the cluster's.
 */
export async function reportHealth({ ctx, input }: Call<HealthReport>): Promise<HealthAnswer> {
  const { clusterId } = ownCluster(ctx);
  const seen = ctx.db
    .update(clusters)
    .set({ lastSeenAt: ctx.now() })
    .where(eq(clusters.id, clusterId))
    .returning({ askedAt: clusters.compareAskedAt });
  const pool = ctx.db.execute(poolFigures(ctx, clusterId));
  const write = input.boxes.length > 0 ? [ctx.db.execute(writing(ctx, clusterId, input))] : [];
  const [rows, figures] = await ctx.db.batch([seen, pool, ...write]);
  return { compare_asked_at: rows[0]?.askedAt?.getTime() ?? null, pool: readPoolFigures(figures.rows) };
}

/** A failure long after the last restart starts a new series of restarts. */
function writing(ctx: Ctx, clusterId: string, { boxes }: HealthReport): SQL {
  const now = moment(ctx.now());
  const longAgo = moment(new Date(ctx.now().getTime() - NEW_TROUBLE_MS));
  return sql`update box_health h set state = r.health, code = r.code, reason = r.reason, container_restarts = r.restarts,
      last_seen_at = ${now},
      unhealthy_since = case when r.health = 'unhealthy' then coalesce(h.unhealthy_since, ${now}) end,
      auto_restarts = case when r.health = 'unhealthy' and h.unhealthy_since is null and h.auto_restarted_at <= ${longAgo}
        then 0 else h.auto_restarts end
    from jsonb_to_recordset(${JSON.stringify(boxes)}::jsonb)
      as r(box_id uuid, health health_state, code text, reason text, restarts int) join boxes b on b.id = r.box_id
    where h.box_id = b.id and b.cluster_id = ${clusterId} and b.status <> 'destroyed'`;
}
