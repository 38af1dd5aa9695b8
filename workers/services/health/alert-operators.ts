/**
 * Alerts about boxes and clusters: log lines of level `error`, one a cluster, each minute it lasts. `kind` is one of
 * box_unhealthy, box_left_alone, fleet_outage, drift_returns, agent_silent, comparison_overdue, unknown_boxes, mass_delete_brake.
 */
import { type SQL, sql } from "drizzle-orm";
import * as z from "zod";
import { GROWING_WAITS, TELL_AFTER_MS } from "#schema/domain/health.ts";
import type { Ctx } from "../../context.ts";
import { createLog, type LogFields } from "../../log.ts";
import { eachItem } from "../each-item.ts";
import { moment } from "../sql.ts";
import { outages } from "./outages.ts";

/** An agent reports every 15 s and compares every ten minutes. */
const SILENT_MS = 2 * 60_000;
const OVERDUE_MS = 30 * 60_000;

type Write = (line: string) => void;
const Row = z.object({
  cluster_id: z.string(),
  count: z.int(),
  box_id: z.uuid().optional(),
  reason: z.string().nullish(),
});

export async function alertOperators(ctx: Ctx, write?: Write): Promise<void> {
  const before = (ms: number): SQL => moment(new Date(ctx.now().getTime() - ms));
  const troubled = sql`h.state = 'unhealthy' and b.status <> 'destroyed' and b.desired_status = 'active'
    and h.unhealthy_since <= ${before(TELL_AFTER_MS)}`;
  const lasting = sql`${troubled} and h.auto_restarts >= ${GROWING_WAITS.length}`;
  const returning = sql`b.status <> 'destroyed' and h.drift_repairs >= ${GROWING_WAITS.length}
    and h.drift_repaired_at > ${before(GROWING_WAITS.at(-1) ?? 0)}`;
  const silent = sql`${hasBoxes} and c.last_seen_at <= ${before(SILENT_MS)}`;
  const overdue = sql`${hasBoxes} and c.compared_at <= ${before(OVERDUE_MS)} and c.last_seen_at > ${before(SILENT_MS)}`;
  const unknown = sql`(c.comparison ->> 'unknown')::int`;
  const held = sql`jsonb_array_length(c.brake -> 'boxes')`;
  const questions: Record<string, SQL> = {
    box_unhealthy: boxes(troubled),
    box_left_alone: boxes(lasting),
    drift_returns: boxes(returning),
    agent_silent: clusters(silent, sql`1`),
    comparison_overdue: clusters(overdue, sql`1`),
    unknown_boxes: clusters(sql`${unknown} > 0`, unknown),
    mass_delete_brake: clusters(sql`c.brake is not null`, held),
  };
  const name = ([kind]: [string, SQL]) => ({ outcome: kind });
  await eachItem(ctx, { items: Object.entries(questions), cost: 1, name }, ([kind, question]) =>
    tell(ctx, kind, question, write),
  );
  for (const { cluster_id, unhealthy } of await outages(ctx))
    alert(ctx, "fleet_outage", { cluster_id, count: unhealthy }, write);
}

/** How many such boxes `b`, with their health `h`, each cluster has, and the one that has been so for longest. */
const boxes = (where: SQL): SQL => sql`select b.cluster_id, count(*)::int as count,
    (array_agg(b.id order by h.unhealthy_since))[1] as box_id, (array_agg(h.code order by h.unhealthy_since))[1] as reason
  from boxes b join box_health h on h.box_id = b.id where ${where} group by b.cluster_id`;

const clusters = (where: SQL, count: SQL): SQL =>
  sql`select c.id as cluster_id, ${count} as count from clusters c where ${where}`;
const hasBoxes = sql`exists (select from boxes b where b.cluster_id = c.id and b.status <> 'destroyed')`;

async function tell(ctx: Ctx, kind: string, question: SQL, write?: Write): Promise<void> {
  const { rows } = await ctx.db.execute(question);
  for (const row of rows) {
    const { reason, box_id, ...fields } = Row.parse(row);
    alert(ctx, kind, { ...fields, ...(box_id && { box_id }), ...(reason && { reason }) }, write);
  }
}

function alert(ctx: Ctx, kind: string, fields: LogFields, write?: Write): void {
  const log = createLog(kind, ctx.requestId, write);
  log.set(fields);
  log.emit("error");
}
