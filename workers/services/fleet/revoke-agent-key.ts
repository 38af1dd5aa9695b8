import { and, eq, sql } from "drizzle-orm";
import type { ClusterKeys } from "#schema/contracts/clusters.ts";
import { auditLog, clusters } from "#schema/db/schema.ts";
import { AppError } from "#schema/domain/errors.ts";
import type { Call } from "../../context.ts";
import { requireScope } from "../access.ts";
import { auditFrom } from "../sql.ts";
import { forgetAgentKeys } from "./agent-keys.ts";
import { unreachable } from "./drain-cluster.ts";

const REVOKED = "agent-key.revoke";

/**
 * Revokes a key of a cluster's agents. When this returns, the sockets under it are closed and get no job; requests
 * are refused within a second. Their jobs are granted to others when the leases expire. Idempotent, so a caller can
 * repeat it after a 503 because the mailbox did not answer: a key that was revoked before is no error.
 * Throws `not_found` for an unknown cluster and for a key that it never had, `upstream_unavailable`.
 */
export async function revokeAgentKey({ ctx, input }: Call<{ clusterId: string; kid: string }>): Promise<ClusterKeys> {
  requireScope(ctx, "fleet:write");
  const { clusterId, kid } = input;
  const [, rows, recorded] = await ctx.db.batch([
    ctx.db.execute(sql`with revoked as (
      update clusters set agent_keys =
        (select coalesce(jsonb_agg(k), '[]') from jsonb_array_elements(agent_keys) k where k->>'kid' <> ${kid})
      where id = ${clusterId} and agent_keys @> ${JSON.stringify([{ kid }])}::jsonb returning id
    ), audit as (${auditFrom(ctx, sql`revoked`, REVOKED, sql`id`, { kid })})
    select id from revoked`),
    ctx.db.select().from(clusters).where(eq(clusters.id, clusterId)),
    // After the change, so what this request has just recorded counts as well.
    ctx.db
      .select({ id: auditLog.id })
      .from(auditLog)
      .where(and(eq(auditLog.subject, clusterId), sql`action = ${REVOKED} and detail->>'kid' = ${kid}`))
      .limit(1),
  ]);
  const [cluster] = rows;
  if (!cluster) throw new AppError("not_found", "There is no such cluster");
  if (recorded.length === 0) throw new AppError("not_found", unknownKey(cluster, kid));
  forgetAgentKeys();
  ctx.log.set({ cluster_id: clusterId });
  const kids = cluster.agentKeys.map((key) => key.kid);
  await ctx.mailbox(clusterId).keepOnly(kids).catch(unreachable);
  return { cluster_id: clusterId, kids };
}

function unknownKey({ id, agentKeys }: Pick<typeof clusters.$inferSelect, "id" | "agentKeys">, kid: string): string {
  const kids = agentKeys.map((key) => key.kid).join(", ");
  return `${id} has no agent key "${kid}": nothing was revoked. Its keys: ${kids || "none"}.`;
}
