import { sql } from "drizzle-orm";
import type { Accepted } from "#schema/contracts/internal.ts";
import { AppError } from "#schema/domain/errors.ts";
import type { TierId } from "#schema/domain/tiers.ts";
import type { Call } from "../../context.ts";
import { requireScope } from "../access.ts";
import { moment } from "../sql.ts";
import { changeBox } from "./change.ts";
import { syncMeter } from "./sync-meter.ts";

/** Moves the box, and a subscription made by an operator, to another tier. Throws `not_found`, `conflict`. */
export async function resizeBox({ ctx, input }: Call<{ boxId: string; tier: TierId }>): Promise<Accepted> {
  requireScope(ctx, "boxes:write");
  const accepted = await changeBox(ctx, {
    boxId: input.boxId,
    change: "resize",
    set: [sql`tier = ${input.tier}::tier`],
    also: {
      subscription: sql`update subscriptions s set tier = ${input.tier}::tier, updated_at = ${moment(ctx.now())} from changed
        where s.id = changed.subscription_id and s.stripe_subscription_id is null`,
    },
    detail: { tier: input.tier },
    check: (box) => {
      if (box.tier === input.tier) throw new AppError("conflict", `This box already has the tier ${input.tier}`);
    },
  });
  await syncMeter(ctx, accepted.box.customer_id);
  return accepted;
}
