import { sql } from "drizzle-orm";
import type { Accepted } from "#schema/contracts/internal.ts";
import type { Call } from "../../context.ts";
import { requireScope } from "../access.ts";
import { changeBox } from "./change.ts";
import { syncMeter } from "./sync-meter.ts";

/** Throws `not_found`, `conflict`. */
export async function reactivateBox({ ctx, input }: Call<{ boxId: string }>): Promise<Accepted> {
  requireScope(ctx, "boxes:write");
  const set = [sql`desired_status = 'active'`];
  const accepted = await changeBox(ctx, { boxId: input.boxId, change: "reactivate", set });
  await syncMeter(ctx, accepted.box.customer_id);
  return accepted;
}
