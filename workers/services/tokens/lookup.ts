import { eq, sql } from "drizzle-orm";
import type { Token } from "#schema/contracts/tokens.ts";
import { proxyTokens } from "#schema/db/schema.ts";
import { hashToken } from "#schema/domain/proxy-token.ts";
import type { Call } from "../../context.ts";
import { auditFrom } from "../sql.ts";
import { noSuchToken } from "./load.ts";
import { selectTokens, viewToken } from "./view-token.ts";

/**
 * Finds the owner of a leaked token by its hash, also if its token key is no longer configured. The value is stored
 * nowhere; the audit log records the look-up. Throws `not_found`.
 */
export async function lookupToken({ ctx, input }: Call<{ token: string }>): Promise<Token> {
  const hash = await hashToken(input.token);
  const found = sql`proxy_tokens where token_hash = ${hash}`;
  const [rows] = await ctx.db.batch([
    selectTokens(ctx).where(eq(proxyTokens.tokenHash, hash)),
    ctx.db.execute(auditFrom(ctx, found, "token.lookup", sql`id::text`, {})),
  ]);
  const [row] = rows;
  if (!row) throw noSuchToken();
  ctx.log.set({ token_id: row.token.id, customer_id: row.token.customerId });
  return viewToken(row);
}
