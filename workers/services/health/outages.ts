import { type SQL, sql } from "drizzle-orm";
import * as z from "zod";
import { outageFrom } from "#schema/domain/health.ts";
import type { Ctx } from "../../context.ts";

const Row = z.object({ cluster_id: z.string(), unhealthy: z.int(), live: z.int() });
export type Outage = z.infer<typeof Row>;

/** Clusters with so many unhealthy boxes that they share one cause, such as a Telegram outage. */
export async function outages(ctx: Ctx): Promise<Outage[]> {
  const { rows } = await ctx.db.execute(sql`select b.cluster_id, count(*)::int as live,
      (count(*) filter (where h.state = 'unhealthy'))::int as unhealthy
    from boxes b join box_health h on h.box_id = b.id where b.desired_status = 'active' and b.status not in ('pending', 'destroyed')
      and b.cluster_id in (select u.cluster_id from box_health x join boxes u on u.id = x.box_id
        where x.state = 'unhealthy' and u.status <> 'destroyed')
    group by b.cluster_id`);
  return rows.map((row) => Row.parse(row)).filter(({ unhealthy, live }) => unhealthy > outageFrom(live));
}

/** Of a box `b`: its cluster is not among these outages. */
export const outsideOf = (those: readonly Outage[]): SQL =>
  sql`not ${JSON.stringify(those.map(({ cluster_id }) => cluster_id))}::jsonb ? b.cluster_id`;
