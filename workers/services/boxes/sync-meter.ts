import { AppError } from "#schema/domain/errors.ts";
import type { Ctx } from "../../context.ts";
import { logError } from "../../log.ts";

const ATTEMPTS = 3;

/**
 * Makes the customer's TokenMeter see a changed token, tier or status before the caller is answered. The change
 * itself is committed: a meter that can't be reached is logged, and told by the sweep (sync-meters.ts) as soon as it answers.
 * False where it could not be reached.
 */
export async function syncMeter(ctx: Ctx, customerId: string): Promise<boolean> {
  for (let attempt = 1; ; attempt++) {
    try {
      await ctx.meter(customerId).sync(customerId);
      return true;
    } catch (error) {
      if (attempt < ATTEMPTS) continue;
      logError("meter-sync", ctx.requestId, error, { customer_id: customerId });
      return false;
    }
  }
}

/**
 * The same for a change that takes a right away, which its caller relies on: throws `upstream_unavailable` where the meter
 * could not be told. The change stands. Asking again tells the meter again, and so does the sweep until it answers.
 */
export async function revokeInMeter(ctx: Ctx, customerId: string): Promise<void> {
  if (await syncMeter(ctx, customerId)) return;
  throw new AppError("upstream_unavailable", "The customer's meter does not answer", { retryAfter: 5 });
}
