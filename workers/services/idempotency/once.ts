/** An effect that an `Idempotency-Key` gives once: the key's row is written with it, in one statement, or neither is. */
import { type SQL, sql } from "drizzle-orm";
import { AppError } from "#schema/domain/errors.ts";
import { derivedId, newId } from "#schema/domain/ids.ts";
import type { Ctx } from "../../context.ts";
import { moment } from "../sql.ts";
import { findKeyed } from "./answers.ts";

const DAY_MS = 86_400_000;

/**
 * Runs `first`, whose statement holds `keyFrom`; where the request's effect stands already, runs `again`, which reads the
 * answer by the ids of `idFor`. Of equal requests at once, one has the effect: the others fail with it, and read its answer.
 */
export async function once<T>(ctx: Ctx, first: () => Promise<T>, again: () => Promise<T>): Promise<T> {
  const { keyed } = ctx;
  if (!keyed) return first();
  if (keyed.isDone) return again();
  try {
    return await first();
  } catch (error) {
    // Words of ours for anything else than a conflict hold in any case: that Telegram refuses, that a meter does not answer.
    if (error instanceof AppError && error.code !== "conflict") throw error;
    if (!(await findKeyed(ctx, keyed))) throw error;
    keyed.isDone = true;
    return again();
  }
}

/** The CTE that takes the request's key, where it has one. `from` holds the changed row; without one the key stays free. */
export function keyFrom(ctx: Ctx, from: SQL): SQL {
  if (!ctx.keyed) return sql`select 1`;
  const { owner, key, requestHash } = ctx.keyed;
  const now = ctx.now();
  return sql`insert into idempotency_keys (owner, key, request_hash, created_at, expires_at)
    select ${owner}, ${key}, ${requestHash}, ${moment(now)}, ${moment(new Date(now.getTime() + DAY_MS))} from ${from} limit 1`;
}

/** The id of what the request makes: always the same for its key, so that what it made can be found again, and is made once. */
export async function idFor(ctx: Ctx, what: "job" | "token" | "backup" | "rollout" | "image"): Promise<string> {
  return ctx.keyed ? derivedId(ctx.keyed.owner, ctx.keyed.key, what) : newId();
}
