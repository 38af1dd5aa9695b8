/** `Idempotency-Key`: the first successful answer is kept for a day and given again. */
import { and, eq, sql } from "drizzle-orm";
import { idempotencyKeys } from "#schema/db/schema.ts";
import type { Ctx } from "../../context.ts";
import { moment } from "../sql.ts";

const DAY_MS = 86_400_000;
/** A request that died without an answer blocks its key so long. */
const IN_FLIGHT_MS = 60_000;

export interface Keyed {
  owner: string;
  key: string;
  /** SHA-256 of method, path and body, hex. */
  requestHash: string;
}

export type Begun =
  | { kind: "first" }
  | { kind: "in flight" }
  | { kind: "other request" }
  | { kind: "replay"; status: number; body: unknown };

/** Takes the key for this request, or says what the first request with it came to. */
export async function beginKeyed(ctx: Ctx, { owner, key, requestHash }: Keyed): Promise<Begun> {
  const now = ctx.now();
  const expires = moment(new Date(now.getTime() + IN_FLIGHT_MS));
  const [taken, rows] = await ctx.db.batch([
    ctx.db.execute(sql`insert into idempotency_keys (owner, key, request_hash, expires_at)
      values (${owner}, ${key}, ${requestHash}, ${expires})
      on conflict (owner, key) do update set request_hash = excluded.request_hash, expires_at = excluded.expires_at,
        response_status = null, response_body = null
      where idempotency_keys.expires_at <= ${moment(now)} returning key`),
    ctx.db.select().from(idempotencyKeys).where(sameKey({ owner, key })),
  ]);
  if (taken.rows.length > 0) return { kind: "first" };
  const [row] = rows;
  if (row && row.requestHash !== requestHash) return { kind: "other request" };
  if (!row || row.responseStatus === null) return { kind: "in flight" };
  return { kind: "replay", status: row.responseStatus, body: row.responseBody };
}

/** Keeps the answer of the first request. */
export async function keepAnswer(ctx: Ctx, keyed: Keyed, status: number, body: unknown): Promise<void> {
  await ctx.db
    .update(idempotencyKeys)
    .set({ responseStatus: status, responseBody: body, expiresAt: new Date(ctx.now().getTime() + DAY_MS) })
    .where(sameKey(keyed));
}

/** The first request changed nothing: the key is free again. */
export async function forgetKey(ctx: Ctx, keyed: Keyed): Promise<void> {
  await ctx.db.delete(idempotencyKeys).where(sameKey(keyed));
}

const sameKey = ({ owner, key }: { owner: string; key: string }) =>
  and(eq(idempotencyKeys.owner, owner), eq(idempotencyKeys.key, key));
