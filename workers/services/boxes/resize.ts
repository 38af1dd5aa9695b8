import { sql } from "drizzle-orm";
import type { Accepted, ResizeRequest } from "#schema/contracts/internal.ts";
import { AppError } from "#schema/domain/errors.ts";
import { choiceNeeded } from "#schema/domain/people.ts";
import type { TierId } from "#schema/domain/tiers.ts";
import type { Call } from "../../context.ts";
import { requireScope } from "../access.ts";
import { moment } from "../sql.ts";
import { changeBox } from "./change.ts";
import type { OwnedBox } from "./owned-box.ts";
import { checkRoom, correctCustomer, peopleAssignments, peopleDetail, peopleOf } from "./people.ts";
import { syncMeter } from "./sync-meter.ts";

/**
 * Moves the box, and a subscription made by an operator, to another tier. Throws `not_found`, `conflict` (also where the
 * tier has room for fewer people and nobody said who stays) and `invalid_request`.
 */
export async function resizeBox({ ctx, input }: Call<ResizeRequest & { boxId: string }>): Promise<Accepted> {
  requireScope(ctx, "boxes:write");
  const { tier, telegram_users: people } = input;
  if (people) checkRoom(tier, people);
  const accepted = await changeBox(ctx, {
    boxId: input.boxId,
    change: "resize",
    set: [sql`tier = ${tier}::tier`, ...(people ? peopleAssignments(people) : [])],
    also: {
      subscription: sql`update subscriptions s set tier = ${tier}::tier, updated_at = ${moment(ctx.now())} from changed
        where s.id = changed.subscription_id and s.stripe_subscription_id is null`,
      ...(people && { customer: correctCustomer(people, ctx.now()) }),
    },
    detail: { tier },
    plan: (box) => {
      if (box.tier === tier) throw new AppError("conflict", `This box already has the tier ${tier}`);
      if (people) return { detail: peopleDetail(box, people) };
      checkAllStay(box, tier);
      return undefined;
    },
  });
  await syncMeter(ctx, accepted.box.customer_id);
  return accepted;
}

function checkAllStay(box: OwnedBox, tier: TierId): void {
  const detail = choiceNeeded(tier, peopleOf(box));
  if (detail === undefined) return;
  throw new AppError("conflict", detail, { fields: [{ pointer: "/telegram_users", detail }] });
}
