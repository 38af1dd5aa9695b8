import type { Ctx } from "../../context.ts";
import { logError } from "../../log.ts";

/** A job that is over for good is nobody's, under whatever fence. */
export const ANY_FENCE = Number.MAX_SAFE_INTEGER;

/**
 * Tells a mailbox what Postgres has recorded. One that can't be reached is no reason to fail the caller: it asks
 * Postgres itself when the lease it knows of runs out, and the sweep offers what is queued.
 */
export async function notifyMailbox(
  ctx: Ctx,
  clusterId: string,
  tell: (mailbox: ReturnType<Ctx["mailbox"]>) => Promise<void>,
): Promise<void> {
  try {
    await tell(ctx.mailbox(clusterId));
  } catch (error) {
    logError("mailbox-told", ctx.requestId, error, { cluster_id: clusterId }, "warn");
  }
}
