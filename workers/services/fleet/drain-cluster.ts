import { eq, sql } from "drizzle-orm";
import type { DrainRequest, FleetCluster } from "#schema/contracts/fleet-status.ts";
import { clusters } from "#schema/db/schema.ts";
import { AppError } from "#schema/domain/errors.ts";
import type { Call, Ctx } from "../../context.ts";
import { requireScope } from "../access.ts";
import { auditFrom } from "../sql.ts";
import { fleetStatus } from "./fleet-status.ts";

/**
 * Drains a cluster: new boxes go elsewhere, and unless `jobs` is `go_on` no job is granted. Running jobs finish, and
 * boxes keep running. Idempotent, so a caller can repeat it after a 503.
 * Throws `not_found`, `upstream_unavailable`.
 */
export async function drainCluster({ ctx, input }: Call<DrainRequest & { clusterId: string }>) {
  requireScope(ctx, "fleet:write");
  const { clusterId, jobs } = input;
  return set(ctx, { clusterId, accepts: false, action: "cluster.drain", detail: { jobs }, paused: jobs === "wait" });
}

/** Takes it back. Throws `not_found`, `upstream_unavailable`. */
export async function resumeCluster({ ctx, input: { clusterId } }: Call<{ clusterId: string }>) {
  requireScope(ctx, "fleet:write");
  return set(ctx, { clusterId, accepts: true, action: "cluster.resume", detail: {}, paused: false });
}

interface Wanted {
  clusterId: string;
  accepts: boolean;
  action: string;
  detail: Record<string, string>;
  paused: boolean;
}

async function set(ctx: Ctx, { clusterId, accepts, action, detail, paused }: Wanted): Promise<FleetCluster> {
  const [, rows] = await ctx.db.batch([
    ctx.db.execute(sql`with changed as (
      update clusters set accepts_new_boxes = ${accepts} where id = ${clusterId} returning id
    ) ${auditFrom(ctx, sql`changed`, action, sql`id`, detail)}`),
    ctx.db.select({ id: clusters.id }).from(clusters).where(eq(clusters.id, clusterId)),
  ]);
  // Only after the row was found: an unknown name must not create a mailbox.
  if (rows.length === 0) throw new AppError("not_found", "There is no such cluster");
  ctx.log.set({ cluster_id: clusterId });
  await ctx.mailbox(clusterId).pause(paused).catch(unreachable);
  const found = (await fleetStatus({ ctx })).clusters.find(({ id }) => id === clusterId);
  if (!found) throw new AppError("not_found", "There is no such cluster");
  return found;
}

/** For a change that stands, but whose mailbox was not told. */
export function unreachable(cause: unknown): never {
  throw new AppError("upstream_unavailable", "The cluster's mailbox does not answer", { retryAfter: 5, cause });
}
