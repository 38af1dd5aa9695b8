import { type SQL, sql } from "drizzle-orm";
import { type Rollout, type StartRolloutRequest, sharesOf } from "#schema/contracts/rollouts.ts";
import { clusters } from "#schema/db/schema.ts";
import { AppError } from "#schema/domain/errors.ts";
import type { Call, Ctx } from "../../context.ts";
import { actorName } from "../../contracts/actor.ts";
import { requireScope } from "../access.ts";
import { idFor, keyFrom, once } from "../idempotency/once.ts";
import { auditFrom, moment } from "../sql.ts";
import { getRollout } from "./get.ts";
import { findImage, type ImageRow } from "./images.ts";

type Cluster = typeof clusters.$inferSelect;

/**
 * Starts a cluster's move to another image; the sweep does the rest. Throws `invalid_request` for an unknown image or
 * cluster, `conflict` if the cluster has that image or an active rollout.
 */
export async function startRollout(call: Call<StartRolloutRequest>): Promise<Rollout> {
  requireScope(call.ctx, "fleet:write");
  return once(call, start, startedAgain);
}

const startedAgain = async ({ ctx }: { ctx: Ctx }): Promise<Rollout> =>
  getRollout({ ctx, input: { rolloutId: await idFor(ctx, "rollout") } });

async function start({ ctx, input }: Call<StartRolloutRequest>): Promise<Rollout> {
  const [image, cluster] = await Promise.all([findImage(ctx, input.image), findCluster(ctx, input.cluster_id)]);
  const id = await idFor(ctx, "rollout");
  const { rows } = await ctx.db.execute(statement(ctx, { id, input, image, cluster }));
  if (rows.length === 0) throw new AppError("conflict", `The cluster ${cluster.id} already has this image`);
  ctx.log.set({ cluster_id: cluster.id });
  return getRollout({ ctx, input: { rolloutId: id } });
}

async function findCluster(ctx: Ctx, wanted: string | undefined): Promise<Cluster> {
  const all = await ctx.db.select().from(clusters);
  const fitting = wanted === undefined ? all : all.filter(({ id }) => id === wanted);
  const [cluster, another] = fitting;
  if (cluster && !another) return cluster;
  const names = all.map(({ id }) => id).join(", ");
  throw new AppError("invalid_request", `Name one of the clusters: ${names}`, {
    fields: [{ pointer: "/cluster_id", detail: wanted === undefined ? "is required" : "is not a cluster" }],
  });
}

interface Start {
  id: string;
  input: StartRolloutRequest;
  image: ImageRow;
  cluster: Cluster;
}

/** Counts the boxes' health before in the statement that starts the rollout. */
function statement(ctx: Ctx, { id, input, image, cluster }: Start): SQL {
  const now = moment(ctx.now());
  const shares = sharesOf(input);
  const detail = { cluster: cluster.id, image: image.reference };
  return sql`with c as (
    select * from clusters where id = ${cluster.id} and image_id is distinct from ${image.id}::uuid for update
  ), before as (
    select count(*)::int as running, count(*) filter (where h.state = 'unhealthy')::int as unwell
    from boxes join box_health h on h.box_id = boxes.id
    where cluster_id = ${cluster.id} and desired_status = 'active' and status in ('active', 'updating')
  ), started as (
    insert into rollouts (id, cluster_id, from_image_id, to_image_id, shares, soak_seconds, max_concurrent, max_failed,
      max_unhealthy_percent, boxes_before, unwell_before, notes, created_by, created_at, updated_at)
    select ${id}::uuid, c.id, c.image_id, ${image.id}::uuid, ${`{${shares.join(",")}}`}::integer[], ${input.soak_seconds}::int,
      ${input.max_concurrent}::int, ${input.max_failed}::int, ${input.max_unhealthy_percent}::int, before.running, before.unwell,
      ${input.notes ?? null}::text, ${actorName(ctx.actor)}, ${now}, ${now}
    from c, before returning id
  ), key as (${keyFrom(ctx, sql`started`)}), audit as (${auditFrom(ctx, sql`started`, "rollout.start", sql`id::text`, detail)})
  select id from started`;
}
