import type { Accepted } from "#schema/contracts/internal.ts";
import type { Call } from "../../context.ts";
import { requireScope } from "../access.ts";
import { changeBox } from "./change.ts";

/** The job's id goes into the pod's template (`restart_token`), which restarts the pod. Throws `not_found`, `conflict`. */
export async function restartBox({ ctx, input }: Call<{ boxId: string }>): Promise<Accepted> {
  requireScope(ctx, "boxes:write");
  return changeBox(ctx, { boxId: input.boxId, change: "restart", set: [] });
}
