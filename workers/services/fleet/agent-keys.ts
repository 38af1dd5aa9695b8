import { eq } from "drizzle-orm";
import type { AgentKey } from "#schema/db/schema.ts";
import { clusters } from "#schema/db/schema.ts";
import type { Ctx } from "../../context.ts";

/** A revoked key works for so long at most. */
const CACHE_MS = 1_000;

type KeysOfClusters = ReadonlyMap<string, readonly AgentKey[]>;

let cache: { keys: KeysOfClusters; until: number } | undefined;

/**
 * The public keys of a cluster's agent; none for an unknown cluster. All clusters are read at once, and are few: so
 * made-up names cost no query each.
 */
export async function agentKeys(ctx: Ctx, clusterId: string): Promise<readonly AgentKey[]> {
  const now = ctx.now().getTime();
  if (!cache || cache.until <= now) cache = { keys: await readAll(ctx), until: now + CACHE_MS };
  return cache.keys.get(clusterId) ?? [];
}

/** What this isolate remembers is out of date. */
export const forgetAgentKeys = (): void => {
  cache = undefined;
};

/** The ids of a cluster's valid keys, as they are now. */
export async function liveKids(ctx: Ctx, clusterId: string): Promise<ReadonlySet<string>> {
  const [cluster] = await ctx.db.select().from(clusters).where(eq(clusters.id, clusterId));
  return new Set(cluster?.agentKeys.map(({ kid }) => kid));
}

async function readAll(ctx: Ctx): Promise<KeysOfClusters> {
  const rows = await ctx.db.select({ id: clusters.id, keys: clusters.agentKeys }).from(clusters);
  return new Map(rows.map(({ id, keys }) => [id, keys]));
}
