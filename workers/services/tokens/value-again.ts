import type { proxyTokens } from "#schema/db/schema.ts";
import { deriveToken } from "#schema/domain/proxy-token.ts";
import type { Ctx } from "../../context.ts";

/** How long repeating the request that created a token returns its value again. */
const AGAIN_MS = 10 * 60_000;

/** The value again, after a lost answer; null later, or if the token key has changed. */
export async function valueAgain(ctx: Ctx, token: typeof proxyTokens.$inferSelect): Promise<string | null> {
  if (ctx.now().getTime() - token.createdAt.getTime() > AGAIN_MS) return null;
  const made = await deriveToken(await ctx.tokenKeys, token.customerId, token.id);
  return made.hash === token.tokenHash ? made.token : null;
}
