import { sql } from "drizzle-orm";
import type { Accepted } from "#schema/contracts/internal.ts";
import type { Ctx } from "../../context.ts";
import { changeBox } from "./change.ts";
import { syncMeter } from "./sync-meter.ts";

/** The box's token stops working before this returns; its pod stops when the job runs. Throws `not_found`, `conflict`. */
export async function suspendBox({ ctx, input }: { ctx: Ctx; input: { boxId: string } }): Promise<Accepted> {
  const set = [sql`desired_status = 'suspended'`];
  const accepted = await changeBox(ctx, { boxId: input.boxId, change: "suspend", set });
  await syncMeter(ctx, accepted.box.customer_id);
  return accepted;
}
