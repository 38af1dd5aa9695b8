import { sql } from "drizzle-orm";
import type { HealthReport } from "#schema/contracts/fleet.ts";
import type { Ctx } from "../../context.ts";
import { moment } from "../sql.ts";

/** What an agent sees of its own cluster's boxes; others in the report are passed over. */
export async function reportHealth({
  ctx,
  input,
}: {
  ctx: Ctx;
  input: HealthReport & { clusterId: string };
}): Promise<void> {
  const now = moment(ctx.now());
  await ctx.db.batch([
    ctx.db.execute(sql`update clusters set last_seen_at = ${now} where id = ${input.clusterId}`),
    ctx.db.execute(sql`update boxes b set health = r.health, last_seen_at = ${now},
        status_reason = case when b.status = 'active' then r.reason else b.status_reason end
      from jsonb_to_recordset(${JSON.stringify(input.boxes)}::jsonb) as r(box_id uuid, health text, reason text)
      where b.id = r.box_id and b.cluster_id = ${input.clusterId} and b.status <> 'destroyed'`),
  ]);
}
