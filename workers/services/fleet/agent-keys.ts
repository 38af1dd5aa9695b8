import { eq } from "drizzle-orm";
import type { AgentKey } from "#schema/db/schema.ts";
import { clusters } from "#schema/db/schema.ts";
import type { Ctx } from "../../context.ts";

/** A revoked key works for so long at most. */
const CACHE_MS = 3_000;

const cache = new Map<string, { keys: readonly AgentKey[]; until: number }>();

/** The public keys of a cluster's agent; none for an unknown cluster. */
export async function agentKeys(ctx: Ctx, clusterId: string): Promise<readonly AgentKey[]> {
  const now = ctx.now().getTime();
  const known = cache.get(clusterId);
  if (known && known.until > now) return known.keys;
  const [cluster] = await ctx.db.select().from(clusters).where(eq(clusters.id, clusterId));
  // Unknown names are not kept: anybody can make them up.
  if (!cluster) return [];
  cache.set(clusterId, { keys: cluster.agentKeys, until: now + CACHE_MS });
  return cluster.agentKeys;
}
