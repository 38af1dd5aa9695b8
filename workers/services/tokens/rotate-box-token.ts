import { sql } from "drizzle-orm";
import type { Job } from "#schema/contracts/internal.ts";
import { deriveToken } from "#schema/domain/proxy-token.ts";
import type { Ctx } from "../../context.ts";
import { changeBox } from "../boxes/change.ts";
import { idFor } from "../idempotency/once.ts";
import { auditFrom } from "../sql.ts";
import { loadActiveToken } from "./load.ts";
import { insertSuccessor, type Rotation, retire } from "./rotation.ts";

interface BoxToken {
  id: string;
  customerId: string;
  boxId: string;
}

/**
 * The box's next token, and the job that brings it to the pod: one statement, so that a box always has exactly one
 * active token. The value is derived from the row's id and sent only to the fleet-agent.
 */
export async function rotateBoxToken(
  ctx: Ctx,
  old: BoxToken,
  { overlapSeconds }: Rotation,
): Promise<{ id: string; value: null; job: Job }> {
  const now = ctx.now();
  const id = await idFor(ctx, "token");
  const made = await deriveToken(await ctx.tokenKeys, old.customerId, id);
  const detail = { successor: id, overlap_seconds: overlapSeconds };
  const { job } = await changeBox(ctx, {
    boxId: old.boxId,
    change: "rotate_token",
    set: [],
    detail,
    // Read after the box: a concurrent rotation raises the generation, and this is retried.
    plan: async () => {
      await loadActiveToken(ctx, old.id);
      return undefined;
    },
    also: {
      old: sql`update proxy_tokens t set ${retire(now, overlapSeconds)} from changed
        where t.id = ${old.id} and t.box_id = changed.id and t.status = 'active' returning t.*`,
      successor: insertSuccessor({ ...made, id }, { now, from: sql`old`, expiresAt: sql`null` }),
      told: auditFrom(ctx, sql`old`, "token.rotate", sql`id::text`, detail),
    },
  });
  return { id, value: null, job };
}
