import { eq } from "drizzle-orm";
import { proxyTokens } from "#schema/db/schema.ts";
import { AppError } from "#schema/domain/errors.ts";
import type { Ctx } from "../../context.ts";
import { selectTokens, type TokenRow } from "./view-token.ts";

/** Throws `not_found`. */
export async function loadToken(ctx: Ctx, tokenId: string): Promise<TokenRow> {
  const [row] = await selectTokens(ctx).where(eq(proxyTokens.id, tokenId));
  if (!row) throw noSuchToken();
  ctx.log.set({ token_id: row.token.id, customer_id: row.token.customerId });
  return row;
}

/** The token, if it may still be rotated. Throws `not_found`, and `conflict` with the reason. */
export async function loadActiveToken(ctx: Ctx, tokenId: string): Promise<TokenRow> {
  const row = await loadToken(ctx, tokenId);
  const { status, expiresAt } = row.token;
  const hasExpired = expiresAt !== null && expiresAt <= ctx.now();
  if (status === "active" && !hasExpired) return row;
  throw new AppError(
    "conflict",
    status === "retiring"
      ? "This token is already being replaced: rotate its successor"
      : `This token is ${hasExpired ? "expired" : status}: create a new one`,
  );
}

export const noSuchToken = (): AppError => new AppError("not_found", "There is no such token");
