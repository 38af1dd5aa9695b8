import { eq } from "drizzle-orm";
import type { Token } from "#schema/contracts/tokens.ts";
import { customers, proxyTokens } from "#schema/db/schema.ts";
import type { Ctx } from "../../context.ts";

/** Tokens with their owners. */
export const selectTokens = (ctx: Ctx) =>
  ctx.db
    .select({ token: proxyTokens, email: customers.email })
    .from(proxyTokens)
    .innerJoin(customers, eq(customers.id, proxyTokens.customerId));

export type TokenRow = Awaited<ReturnType<typeof selectTokens>>[number];

/** Without the hash, which would be enough to look the token up. */
export function viewToken({ token, email }: TokenRow): Token {
  return {
    id: token.id,
    customer_id: token.customerId,
    customer_email: email,
    box_id: token.boxId,
    label: token.label,
    last4: token.last4,
    scopes: token.scopes,
    when_spent: token.whenSpent,
    status: token.status,
    created_at: token.createdAt.toISOString(),
    expires_at: token.expiresAt?.toISOString() ?? null,
    revoked_at: token.revokedAt?.toISOString() ?? null,
  };
}
