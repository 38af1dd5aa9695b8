import { eq, sql } from "drizzle-orm";
import type { Token } from "#schema/contracts/tokens.ts";
import { proxyTokens } from "#schema/db/schema.ts";
import { AppError } from "#schema/domain/errors.ts";
import type { Call } from "../../context.ts";
import { requireScope } from "../access.ts";
import { revokeInMeter } from "../boxes/sync-meter.ts";
import { auditFrom, moment } from "../sql.ts";
import { noSuchToken } from "./load.ts";
import { selectTokens, viewToken } from "./view-token.ts";

/**
 * No request that starts after this returns may use the token. Idempotent, so a caller can repeat it after a 503
 * because the customer's meter did not answer.
 *
 * A box's one active token can't be revoked: the box would never work again. Rotating it without overlap
 * revokes it as fast and gives the box a new one; suspending the box refuses both.
 * Throws `not_found`, `conflict`, `upstream_unavailable`.
 */
export async function revokeToken({ ctx, input }: Call<{ tokenId: string }>): Promise<Token> {
  requireScope(ctx, "tokens:write");
  const [, rows] = await ctx.db.batch([
    ctx.db.execute(sql`with revoked as (
      update proxy_tokens t set status = 'revoked', revoked_at = ${moment(ctx.now())}
      where t.id = ${input.tokenId} and (t.status = 'retiring' or (t.status = 'active' and t.box_id is null)) returning t.id
    ), audit as (${auditFrom(ctx, sql`revoked`, "token.revoke", sql`id::text`, {})})
    select id from revoked`),
    selectTokens(ctx).where(eq(proxyTokens.id, input.tokenId)),
  ]);
  const [row] = rows;
  if (!row) throw noSuchToken();
  if (row.token.status !== "revoked") throw isBoxToken();
  ctx.log.set({ token_id: row.token.id, customer_id: row.token.customerId });
  await revokeInMeter(ctx, row.token.customerId);
  return viewToken(row);
}

const isBoxToken = (): AppError =>
  new AppError(
    "conflict",
    "A box uses this token: rotate it with overlap_seconds 0 to revoke it at once, or suspend the box",
  );
