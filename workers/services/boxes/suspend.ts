import { sql } from "drizzle-orm";
import type { Accepted } from "#schema/contracts/internal.ts";
import type { Call } from "../../context.ts";
import { requireScope } from "../access.ts";
import { changeBox } from "./change.ts";

/**
 * The box's token is refused for every request that starts after this returns; its pod stops when the job runs.
 * Throws `not_found`, `conflict`, and `upstream_unavailable` if the box will stop, but its token may still work.
 */
export async function suspendBox({ ctx, input }: Call<{ boxId: string }>): Promise<Accepted> {
  requireScope(ctx, "boxes:write");
  const set = [sql`desired_status = 'suspended'`];
  return changeBox(ctx, { boxId: input.boxId, change: "suspend", set, revokes: true });
}
