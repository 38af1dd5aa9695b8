import { eq } from "drizzle-orm";
import type { AgentKey } from "#schema/db/schema.ts";
import { clusters } from "#schema/db/schema.ts";
import type { Ctx } from "../../context.ts";

/** How long a revoked key may still work. */
const CACHE_MS = 1_000;

type KeysOfClusters = ReadonlyMap<string, readonly AgentKey[]>;

let cache: { keys: KeysOfClusters; until: number } | undefined;

/**
 * The public keys of a cluster's agent; none for an unknown cluster. All clusters are read at once, since they are few, so
 * unknown names cost no query each.
 */
export async function agentKeys(ctx: Ctx, clusterId: string): Promise<readonly AgentKey[]> {
  const now = ctx.now().getTime();
  if (!cache || cache.until <= now) cache = { keys: await readAll(ctx), until: now + CACHE_MS };
  return cache.keys.get(clusterId) ?? [];
}

/** Clears this isolate's cache. */
export const forgetAgentKeys = (): void => {
  cache = undefined;
};

/** The ids of a cluster's valid keys, read now. */
export async function liveKids(ctx: Ctx, clusterId: string): Promise<ReadonlySet<string>> {
  const [cluster] = await ctx.db.select().from(clusters).where(eq(clusters.id, clusterId));
  return new Set(cluster?.agentKeys.map(({ kid }) => kid));
}

async function readAll(ctx: Ctx): Promise<KeysOfClusters> {
  const rows = await ctx.db.select({ id: clusters.id, keys: clusters.agentKeys }).from(clusters);
  return new Map(rows.map(({ id, keys }) => [id, keys]));
}
