import { eq } from "drizzle-orm";
import type { ClusterComparison } from "#schema/contracts/clusters.ts";
import { clusters } from "#schema/db/schema.ts";
import { AppError } from "#schema/domain/errors.ts";
import type { Call } from "../../context.ts";

/** Throws `not_found`. */
export async function readDrift({ ctx, input }: Call<{ clusterId: string }>): Promise<ClusterComparison> {
  const [cluster] = await ctx.db.select().from(clusters).where(eq(clusters.id, input.clusterId));
  if (!cluster) throw new AppError("not_found", "There is no such cluster");
  return {
    cluster_id: cluster.id,
    asked_at: cluster.compareAskedAt?.toISOString() ?? null,
    compared_at: cluster.comparedAt?.toISOString() ?? null,
    found: cluster.comparison,
    brake: cluster.brake,
  };
}
