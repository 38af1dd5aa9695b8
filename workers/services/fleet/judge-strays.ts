import { type SQL, sql } from "drizzle-orm";
import * as z from "zod";
import type { Ctx } from "../../context.ts";

/** Boxes that are in a cluster and not in its list, by what the database says of each. */
export interface Strays {
  /** Recorded as destroyed, yet there: their cluster came back from an older snapshot. */
  destroyed: string[];
  /** No row has such an id. A row can be lost; somebody's memory must not follow it. */
  unknown: string[];
}

const Row = z.object({ box_id: z.uuid(), verdict: z.enum(["destroyed", "unknown", "left"]) });

/**
 * What isn't in a list is not yet wrong: it may be younger than the list, or the list was not whole. So the database is
 * asked for each; a box that is to live, that has a job, or that is another cluster's, is left alone.
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

/** Of a box `b`: nothing more is to come of it, and nobody is at work on it. */
export const isGone = (clusterId: string): SQL => sql`(b.cluster_id = ${clusterId} and b.status = 'destroyed'
  and not exists (select from operator_jobs j where j.box_id = b.id and j.status in ('queued', 'running')))`;
