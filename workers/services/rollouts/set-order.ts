import { sql } from "drizzle-orm";
import type { RolloutOrder } from "#schema/contracts/rollouts.ts";
import { AppError } from "#schema/domain/errors.ts";
import type { Call } from "../../context.ts";
import { requireScope } from "../access.ts";
import { auditFrom } from "../sql.ts";

/** Whether rollouts move this box before others. Throws `not_found`. */
export async function setRolloutOrder({ ctx, input }: Call<{ boxId: string; first: boolean }>): Promise<RolloutOrder> {
  requireScope(ctx, "fleet:write");
  const { boxId, first } = input;
  const { rows } = await ctx.db.execute(sql`with changed as (
    update box_rollouts o set first = ${first} from boxes b
    where b.id = ${boxId} and o.box_id = b.id and b.status <> 'destroyed' returning b.id
  ), audit as (${auditFrom(ctx, sql`changed`, "box.rollout-order", sql`id::text`, { first })})
  select id from changed`);
  if (rows.length === 0) throw new AppError("not_found", "There is no such box");
  return { box_id: boxId, first };
}
