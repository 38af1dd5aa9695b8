/** The rows of `idempotency_keys`: each was written with the effect of its request, and gets the answer afterwards. */
import { and, eq, isNull, lte } from "drizzle-orm";
import { idempotencyKeys } from "#schema/db/schema.ts";
import { AppError } from "#schema/domain/errors.ts";
import type { Ctx } from "../../context.ts";
import type { Keyed } from "../../contracts/keyed.ts";

export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: unknown;
}

/**
 * The first request with this key: undefined if it has changed nothing so far. A null answer was not stored: it holds
 * a secret, or its request ended early. Throws `conflict` if the key was used for another request.
 */
export async function findKeyed(ctx: Ctx, keyed: Keyed): Promise<{ answer: Answer | null } | undefined> {
  const [, rows] = await ctx.db.batch([
    ctx.db.delete(idempotencyKeys).where(and(sameKey(keyed), lte(idempotencyKeys.expiresAt, ctx.now()))),
    ctx.db.select().from(idempotencyKeys).where(sameKey(keyed)),
  ]);
  const [row] = rows;
  if (row && row.requestHash !== keyed.requestHash) {
    throw new AppError("conflict", "This Idempotency-Key was used for another request");
  }
  return row && { answer: answerIn(row) };
}

/** Stores the answer and returns the stored one, so that two simultaneous requests get the same. */
export async function keepAnswer(ctx: Ctx, keyed: Keyed, { status, headers, body }: Answer): Promise<Answer | null> {
  const answer = { responseStatus: status, responseHeaders: headers, responseBody: body };
  const [, rows] = await ctx.db.batch([
    ctx.db
      .update(idempotencyKeys)
      .set(answer)
      .where(and(sameKey(keyed), isNull(idempotencyKeys.responseStatus))),
    ctx.db.select().from(idempotencyKeys).where(sameKey(keyed)),
  ]);
  return rows[0] ? answerIn(rows[0]) : null;
}

function answerIn(row: typeof idempotencyKeys.$inferSelect): Answer | null {
  if (row.responseStatus === null) return null;
  return { status: row.responseStatus, headers: row.responseHeaders ?? {}, body: row.responseBody };
}

const sameKey = ({ owner, key }: Keyed) => and(eq(idempotencyKeys.owner, owner), eq(idempotencyKeys.key, key));
