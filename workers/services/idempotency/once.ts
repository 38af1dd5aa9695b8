/** An effect that happens once per `Idempotency-Key`: the key's row is written in the statement of the effect. */
import { type SQL, sql } from "drizzle-orm";
import { AppError } from "#schema/domain/errors.ts";
import { derivedId, newId } from "#schema/domain/ids.ts";
import type { Ctx } from "../../context.ts";
import { moment } from "../sql.ts";
import { findKeyed } from "./answers.ts";

const DAY_MS = 86_400_000;

/**
 * Runs `first`, whose statement holds `keyFrom`. If the request has had its effect already, runs `again`, which reads the
 * answer by the ids of `idFor`. Of simultaneous equal requests one has the effect; the others conflict and read its answer.
 */
export async function once<C extends { ctx: Ctx }, T>(
  call: C,
  first: (call: C) => Promise<T>,
  again: (call: C) => Promise<T>,
): Promise<T> {
  const { ctx } = call;
  const { keyed } = ctx;
  if (!keyed) return first(call);
  if (keyed.isDone) return again(call);
  try {
    return await first(call);
  } catch (error) {
    // Our other errors hold in any case: Telegram's refusal, a meter that does not answer.
    if (error instanceof AppError && error.code !== "conflict") throw error;
    if (!(await findKeyed(ctx, keyed))) throw error;
    keyed.isDone = true;
    return again(call);
  }
}

/** The CTE that stores the request's key, if it has one. `from` holds the changed row; if there is none, the key is not stored. */
export function keyFrom(ctx: Ctx, from: SQL): SQL {
  if (!ctx.keyed) return sql`select 1`;
  const { owner, key, requestHash } = ctx.keyed;
  const now = ctx.now();
  return sql`insert into idempotency_keys (owner, key, request_hash, created_at, expires_at)
    select ${owner}, ${key}, ${requestHash}, ${moment(now)}, ${moment(new Date(now.getTime() + DAY_MS))} from ${from} limit 1`;
}

/** The id of what the request creates, derived from its key, so that it is created once and can be found again. */
export async function idFor(ctx: Ctx, what: "job" | "token" | "backup" | "rollout" | "image"): Promise<string> {
  return ctx.keyed ? derivedId(ctx.keyed.owner, ctx.keyed.key, what) : newId();
}
