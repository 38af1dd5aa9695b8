import { asc, sql } from "drizzle-orm";
import * as z from "zod";
import type { Fleet, FleetCluster } from "#schema/contracts/fleet-status.ts";
import { clusters } from "#schema/db/schema.ts";
import { BOX_STATUSES, type BoxStatus } from "#schema/domain/states.ts";
import type { Ctx } from "../../context.ts";
import { openOutages } from "../models/outages.ts";
import { moment } from "../sql.ts";

const BoxCount = z.object({ cluster_id: z.string(), status: z.enum(BOX_STATUSES), n: z.int() });
const JobCount = z.object({
  cluster_id: z.string(),
  queued: z.int(),
  running: z.int(),
  oldest: z.coerce.date().nullable(),
});
type Boxes = z.infer<typeof BoxCount>[];
type Jobs = z.infer<typeof JobCount>[];

/** Every cluster with its agents, boxes and queue, and what models' providers fail with now. Says so if a mailbox does not answer. */
export async function fleetStatus({ ctx }: { ctx: Ctx }): Promise<Fleet> {
  const [rows, boxRows, jobRows, outages] = await ctx.db.batch([
    ctx.db.select().from(clusters).orderBy(asc(clusters.id)),
    ctx.db.execute(sql`select cluster_id, status, count(*)::int as n from boxes group by cluster_id, status`),
    ctx.db.execute(sql`select cluster_id, count(*) filter (where status = 'queued')::int as queued,
        count(*) filter (where status = 'running')::int as running,
        min(created_at) filter (where status = 'queued' and available_at <= ${moment(ctx.now())}) as oldest
      from operator_jobs where status in ('queued', 'running') group by cluster_id`),
    openOutages(ctx),
  ]);
  const boxes = z.array(BoxCount).parse(boxRows.rows);
  const jobs = z.array(JobCount).parse(jobRows.rows);
  return {
    clusters: await Promise.all(rows.map((row) => view(ctx, row, boxes, jobs))),
    model_outages: outages.map(({ provider, reason, since }) => ({ provider, reason, since: since.toISOString() })),
  };
}

async function view(ctx: Ctx, row: typeof clusters.$inferSelect, boxes: Boxes, jobs: Jobs): Promise<FleetCluster> {
  const { id } = row;
  const mailbox = await mailboxStatus(ctx, id);
  const open = jobs.find((count) => count.cluster_id === id);
  const counts = noBoxes();
  for (const { cluster_id, status, n } of boxes) if (cluster_id === id) counts[status] = n;
  return {
    id,
    accepts_boxes: row.acceptsNewBoxes,
    last_seen_at: row.lastSeenAt?.toISOString() ?? null,
    paused_since: mailbox?.pausedSince === undefined ? null : new Date(mailbox.pausedSince).toISOString(),
    agents: mailbox?.agents ?? null,
    boxes: counts,
    jobs: {
      queued: open?.queued ?? 0,
      running: open?.running ?? 0,
      oldest_queued_at: open?.oldest?.toISOString() ?? null,
    },
  };
}

async function mailboxStatus(ctx: Ctx, clusterId: string) {
  try {
    return await ctx.mailbox(clusterId).status();
  } catch (error) {
    ctx.log.error(error);
    return undefined;
  }
}

const noBoxes = (): Record<BoxStatus, number> =>
  Object.fromEntries(BOX_STATUSES.map((status) => [status, 0])) as Record<BoxStatus, number>;
