import { and, eq, type SQL } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import type { RolloutSummary } from "#schema/contracts/rollouts.ts";
import { gatewayImages, rollouts } from "#schema/db/schema.ts";
import type { Ctx } from "../../context.ts";
import { type ImageRow, viewImage } from "./images.ts";
import type { RolloutRow } from "./load.ts";

const toImages = alias(gatewayImages, "to_images");
const fromImages = alias(gatewayImages, "from_images");

/** A rollout with both images. */
export interface RolloutWithImages {
  rollout: RolloutRow;
  to: ImageRow;
  from: ImageRow | null;
}

const select = (ctx: Ctx) =>
  ctx.db
    .select({ rollout: rollouts, to: toImages, from: fromImages })
    .from(rollouts)
    .innerJoin(toImages, eq(toImages.id, rollouts.toImageId))
    .leftJoin(fromImages, eq(fromImages.id, rollouts.fromImageId));

export const selectRollouts = (ctx: Ctx, id: string): Promise<RolloutWithImages[]> =>
  select(ctx).where(eq(rollouts.id, id)).execute();

export const listRolloutRows = (
  ctx: Ctx,
  conditions: readonly SQL[],
  order: SQL[],
  limit: number,
): Promise<RolloutWithImages[]> =>
  select(ctx)
    .where(and(...conditions))
    .orderBy(...order)
    .limit(limit)
    .execute();

export const viewRollout = ({ rollout, to, from }: RolloutWithImages): RolloutSummary => ({
  id: rollout.id,
  cluster_id: rollout.clusterId,
  from_image: from && viewImage(from),
  to_image: viewImage(to),
  status: rollout.status,
  shares: rollout.shares,
  wave: rollout.wave,
  wave_done_at: rollout.waveDoneAt?.toISOString() ?? null,
  soak_seconds: rollout.soakSeconds,
  max_concurrent: rollout.maxConcurrent,
  max_failed: rollout.maxFailed,
  max_unhealthy_percent: rollout.maxUnhealthyPercent,
  reason: rollout.reason,
  stopped_by: rollout.stoppedBy,
  notes: rollout.notes,
  created_by: rollout.createdBy,
  created_at: rollout.createdAt.toISOString(),
  finished_at: rollout.finishedAt?.toISOString() ?? null,
});
