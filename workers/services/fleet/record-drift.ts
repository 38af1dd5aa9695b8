import { sql } from "drizzle-orm";
import type { ClusterComparison } from "#schema/contracts/clusters.ts";
import type { ComparisonAnswer, ComparisonReport } from "#schema/contracts/comparison.ts";
import { mostDeletions } from "#schema/domain/health.ts";
import type { Call, Ctx } from "../../context.ts";
import { ownCluster } from "../access.ts";
import { offerJobs } from "../jobs/enqueue.ts";
import { moment } from "../sql.ts";
import { judgeStrays, type Strays } from "./judge-strays.ts";
import { removeAgain } from "./remove-again.ts";

type Figures = NonNullable<ClusterComparison["found"]>;
type Input = ComparisonReport & { clusterId: string };

/**
 * Records a full comparison. Boxes that are recorded as destroyed but are in the cluster get another
 * destroy job. If they are so many that it looks like a mistake, all are held back until an operator confirms
 * (`reconcileCluster`).
 */
export async function recordDrift({ ctx, input: report }: Call<ComparisonReport>): Promise<ComparisonAnswer> {
  const { clusterId } = ownCluster(ctx);
  const input: Input = { ...report, clusterId };
  const strays = await judgeStrays(ctx, input.clusterId, input.strays);
  const [unknown, outdated] = [strays.unknown.length, input.outdated.length];
  const figures = { ...input.figures, outdated, strays: input.strays.length, unknown };
  ctx.log.set({ cluster_id: input.clusterId, count: input.strays.length });
  const counts = { unknown, held_back: 0, removing: 0 };
  if (strays.destroyed.length > 0 && (await areTooMany(ctx, input, strays.destroyed.length))) {
    await record(ctx, input, figures, strays);
    return { ...counts, held_back: strays.destroyed.length };
  }
  await record(ctx, input, figures);
  return { ...counts, removing: await remove(ctx, input.clusterId, strays.destroyed) };
}

/** A brake keeps the time at which it began. */
async function record(ctx: Ctx, input: Input, figures: Figures, held?: Strays): Promise<void> {
  const { clusterId, present } = input;
  const brake = held && JSON.stringify({ since: ctx.now().toISOString(), boxes: held.destroyed, of: present });
  const old = sql`(select id::uuid from jsonb_array_elements_text(${JSON.stringify(input.outdated)}::jsonb) t(id))`;
  await ctx.db.batch([
    ctx.db.execute(sql`update box_rollouts r set outdated = b.id in ${old} from boxes b
      where r.box_id = b.id and b.cluster_id = ${clusterId} and b.status <> 'destroyed' and r.outdated <> (b.id in ${old})`),
    ctx.db.execute(sql`update clusters set compared_at = ${moment(ctx.now())},
      comparison = ${JSON.stringify(figures)}::jsonb,
      brake = ${brake ?? null}::jsonb || case when brake is null then '{}' else jsonb_build_object('since', brake -> 'since') end
    where id = ${clusterId}`),
  ]);
}

const AN_HOUR_MS = 3_600_000;

/** Counts recent deletions too: otherwise all boxes could be deleted, a few per comparison. */
async function areTooMany(ctx: Ctx, { clusterId, present }: Input, count: number): Promise<boolean> {
  const since = moment(new Date(ctx.now().getTime() - AN_HOUR_MS));
  const { rows } = await ctx.db.execute(sql`select count(*)::int as of_late from audit_log a
    where a.action = 'box.destroy-again' and a.actor = ${`agent:${clusterId}`} and a.at > ${since}`);
  return count + Number(rows[0]?.of_late) > mostDeletions(present);
}

async function remove(ctx: Ctx, clusterId: string, boxIds: readonly string[]): Promise<number> {
  if (boxIds.length === 0) return 0;
  const ids = sql`select id::uuid from jsonb_array_elements_text(${JSON.stringify(boxIds)}::jsonb) t(id)`;
  const parts = removeAgain(ctx, clusterId, ids);
  const { rows } = await ctx.db.execute(sql`with ${parts} select id, box_id, seq from job`);
  return offerJobs(ctx, clusterId, rows);
}
