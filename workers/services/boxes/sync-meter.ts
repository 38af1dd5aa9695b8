import type { Ctx } from "../../context.ts";
import { createLog } from "../../log.ts";

const ATTEMPTS = 3;

/**
 * Makes the customer's TokenMeter see a changed token, tier or status before the caller is answered. The change
 * itself is committed: a meter that can't be reached is logged, and syncs again when the job is through.
 */
export async function syncMeter(ctx: Ctx, customerId: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await ctx.meter(customerId).sync(customerId);
    } catch (error) {
      if (attempt < ATTEMPTS) continue;
      const log = createLog("meter-sync", ctx.requestId);
      log.set({ customer_id: customerId });
      log.error(error);
      return log.emit("error");
    }
  }
}
