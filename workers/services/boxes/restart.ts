import type { Accepted } from "#schema/contracts/internal.ts";
import type { Ctx } from "../../context.ts";
import { requireScope } from "../access.ts";
import { changeBox } from "./change.ts";

/** The job's own id is what the pod's template changes by (`restart_token`). Throws `not_found`, `conflict`. */
export async function restartBox({ ctx, input }: { ctx: Ctx; input: { boxId: string } }): Promise<Accepted> {
  requireScope(ctx, "boxes:write");
  return changeBox(ctx, { boxId: input.boxId, change: "restart", set: [] });
}
