import type { Ctx } from "../../context.ts";
import { createLog } from "../../log.ts";

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
    const log = createLog("mailbox-told", ctx.requestId);
    log.set({ cluster_id: clusterId });
    log.error(error);
    log.emit("warn");
  }
}
