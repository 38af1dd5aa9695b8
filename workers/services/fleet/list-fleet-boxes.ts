import { sql } from "drizzle-orm";
import { ListedBox, type ListedBoxes } from "#schema/contracts/comparison.ts";
import type { Call } from "../../context.ts";
import { ownCluster } from "../access.ts";

const PAGE = 1_000;
/** Sorts before every id of ours. */
const BEFORE_ALL = "00000000-0000-0000-0000-000000000000";

/**
 * The boxes that should be in the calling agent's cluster: those that are not destroyed. One that waits for its first job, or has failed,
 * is listed as busy: it may or may not be in the cluster.
 */
export async function listFleetBoxes({
  ctx,
  input: { cursor = BEFORE_ALL },
}: Call<{ cursor?: string | undefined }>): Promise<ListedBoxes> {
  const { clusterId } = ownCluster(ctx);
  const mine = sql`b.cluster_id = ${clusterId} and b.status <> 'destroyed'`;
  const [{ rows }, counted] = await ctx.db.batch([
    ctx.db.execute(sql`
      select b.id as box_id, b.generation::float8 as generation, b.observed_generation::float8 as observed_generation,
        b.fence::float8 as fence, b.desired_status as status, b.tier, coalesce(restart.id::text, '0') as restart_token, i.reference as image,
        (b.status not in ('active', 'suspended') or exists (
          select from operator_jobs j where j.box_id = b.id and j.status in ('queued', 'running'))) as busy
      from boxes b left join gateway_images i on i.id = b.image_id left join lateral (
        select j.id from operator_jobs j where j.box_id = b.id and j.type = 'restart' order by j.seq desc limit 1
      ) restart on true
      where ${mine} and b.id > ${cursor} order by b.id limit ${PAGE + 1}`),
    ctx.db.execute(sql`select count(*)::int as total from boxes b where ${mine}`),
  ]);
  const boxes = rows.slice(0, PAGE).map(({ image, ...row }) => ListedBox.parse(image ? { ...row, image } : row));
  const more = rows.length > PAGE ? boxes.at(-1)?.box_id : undefined;
  return { boxes, next_cursor: more ?? null, total: Number(counted.rows[0]?.total) };
}
