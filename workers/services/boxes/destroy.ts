import { sql } from "drizzle-orm";
import type { Accepted } from "#schema/contracts/internal.ts";
import type { Call } from "../../context.ts";
import { requireScope } from "../access.ts";
import { moment } from "../sql.ts";
import { changeBox } from "./change.ts";

/**
 * Final. Queued jobs of the box are superseded and its tokens revoked in the same statement; a subscription that
 * an operator made by hand ends with its box. Throws `not_found`, `conflict`, and `upstream_unavailable` if the box
 * will be destroyed, but its token may still work.
 */
export async function destroyBox({ ctx, input }: Call<{ boxId: string }>): Promise<Accepted> {
  requireScope(ctx, "boxes:write");
  const now = moment(ctx.now());
  return changeBox(ctx, {
    boxId: input.boxId,
    change: "destroy",
    set: [sql`desired_status = 'destroyed'`],
    revokes: true,
    also: {
      tokens: sql`update proxy_tokens t set status = 'revoked', revoked_at = ${now} from changed
        where t.box_id = changed.id and t.status <> 'revoked'`,
      subscription: sql`update subscriptions s set status = 'canceled', updated_at = ${now} from changed
        where s.id = changed.subscription_id and s.stripe_subscription_id is null`,
    },
  });
}
