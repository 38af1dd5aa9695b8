import type { proxyTokens } from "#schema/db/schema.ts";
import { deriveToken } from "#schema/domain/proxy-token.ts";
import type { Ctx } from "../../context.ts";

/** So long after it was made, whoever repeats the request that made a token is told its value again. */
const AGAIN_MS = 10 * 60_000;

/** The value for whoever lost the answer that told it; null later, and where the key that it was made under has changed. */
export async function valueAgain(ctx: Ctx, token: typeof proxyTokens.$inferSelect): Promise<string | null> {
  if (ctx.now().getTime() - token.createdAt.getTime() > AGAIN_MS) return null;
  const made = await deriveToken(await ctx.tokenKeys, token.customerId, token.id);
  return made.hash === token.tokenHash ? made.token : null;
}
