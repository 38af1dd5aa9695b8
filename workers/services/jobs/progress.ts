import { sql } from "drizzle-orm";
import type { ProgressRequest } from "#schema/contracts/fleet.ts";
import type { Call } from "../../context.ts";
import { leaseLost, ownJob } from "./load.ts";

/** A job keeps so many steps at most; later ones are dropped. */
const MAX_STEPS = 200;

/** Throws `not_found`, `lease_lost`. */
export async function reportProgress({ ctx, input }: Call<ProgressRequest & { jobId: string }>): Promise<void> {
  await ownJob(ctx, input);
  const step = JSON.stringify([{ step: input.step, message: input.message, at: ctx.now().toISOString() }]);
  const { rows } = await ctx.db.execute(sql`
    update operator_jobs
    set steps = case when jsonb_array_length(steps) < ${MAX_STEPS} then steps || ${step}::jsonb else steps end
    where id = ${input.jobId} and fence = ${input.fence} and status = 'running' returning id`);
  if (rows.length === 0) throw leaseLost();
}
