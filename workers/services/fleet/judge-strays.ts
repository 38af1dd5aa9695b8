import { type SQL, sql } from "drizzle-orm";
import * as z from "zod";
import type { Ctx } from "../../context.ts";

/** Boxes that are in a cluster but not in its list, by their rows. */
export interface Strays {
  /** Recorded as destroyed, but in the cluster: it was restored from an older snapshot. */
  destroyed: string[];
  /** Without a row. A row can be lost, and that must not cost a customer's memory. */
  unknown: string[];
}

const Row = z.object({ box_id: z.uuid(), verdict: z.enum(["destroyed", "unknown", "left"]) });

/**
 * A box that isn't in a list may still be right: it may be younger than the list, or the list incomplete. So each is
 * looked up in the database; a box that should live, that has a job, or that belongs to another cluster is left alone.
 */
export async function judgeStrays(ctx: Ctx, clusterId: string, strays: readonly string[]): Promise<Strays> {
  if (strays.length === 0) return { destroyed: [], unknown: [] };
  const { rows } = await ctx.db.execute(sql`select s.box_id, case
      when b.id is null then 'unknown' when ${isGone(clusterId)} then 'destroyed' else 'left' end as verdict
    from jsonb_array_elements_text(${JSON.stringify(strays)}::jsonb) t(text)
      cross join lateral (select t.text::uuid as box_id) s left join boxes b on b.id = s.box_id`);
  const judged = rows.map((row) => Row.parse(row));
  const those = (wanted: string) => judged.filter(({ verdict }) => verdict === wanted).map(({ box_id }) => box_id);
  return { destroyed: those("destroyed"), unknown: those("unknown") };
}

/** Of a box `b`: it is destroyed, and no job works on it. */
export const isGone = (clusterId: string): SQL => sql`(b.cluster_id = ${clusterId} and b.status = 'destroyed'
  and not exists (select from operator_jobs j where j.box_id = b.id and j.status in ('queued', 'running')))`;
