import { inArray, sql } from "drizzle-orm";
import type { Job } from "#schema/contracts/internal.ts";
import type { RotatedToken } from "#schema/contracts/tokens.ts";
import { proxyTokens } from "#schema/db/schema.ts";
import { AppError } from "#schema/domain/errors.ts";
import { deriveToken } from "#schema/domain/proxy-token.ts";
import type { Call, Ctx } from "../../context.ts";
import { requireScope } from "../access.ts";
import { revokeInMeter, syncMeter } from "../boxes/sync-meter.ts";
import { idFor, keyFrom, once } from "../idempotency/once.ts";
import { getJob } from "../jobs/get.ts";
import { auditFrom, moment } from "../sql.ts";
import { loadActiveToken, loadToken } from "./load.ts";
import { rotateBoxToken } from "./rotate-box-token.ts";
import { insertSuccessor, type Rotation, retire } from "./rotation.ts";
import { valueAgain } from "./value-again.ts";
import { selectTokens, type TokenRow, viewToken } from "./view-token.ts";

interface Made {
  id: string;
  value: string | null;
  job: Job | null;
}

/**
 * Replaces an active token, which keeps working for the overlap. Of two simultaneous calls one wins.
 * Throws `not_found`, `conflict`, and `upstream_unavailable` if there is no overlap and the meter could not be reached: then
 * repeat the request with its Idempotency-Key. Without one, revoke the old token again, and rotate a
 * customer's new one, whose value was lost.
 */
export async function rotateToken(call: Call<Rotation>): Promise<RotatedToken> {
  requireScope(call.ctx, "tokens:write");
  const { ctx, input } = call;
  const made = await once(call, rotate, rotatedBefore);
  const rows = await selectTokens(ctx).where(inArray(proxyTokens.id, [made.id, input.tokenId]));
  const [token, replaced] = [made.id, input.tokenId].map((id) => rows.find((row) => row.token.id === id));
  if (!token || !replaced) throw new AppError("internal", "The rows just written are missing");
  await (input.overlapSeconds === 0 ? revokeInMeter : syncMeter)(ctx, token.token.customerId);
  return { token: viewToken(token), value: made.value, replaced: viewToken(replaced), job: made.job };
}

async function rotate({ ctx, input }: Call<Rotation>): Promise<Made> {
  const old = await loadActiveToken(ctx, input.tokenId);
  const { boxId } = old.token;
  return boxId === null ? rotateOwn(ctx, old, input) : rotateBoxToken(ctx, { ...old.token, boxId }, input);
}

async function rotatedBefore({ ctx }: { ctx: Ctx }): Promise<Made> {
  const { token } = await loadToken(ctx, await idFor(ctx, "token"));
  if (token.boxId === null) return { id: token.id, value: await valueAgain(ctx, token), job: null };
  return { id: token.id, value: null, job: await getJob({ ctx, input: { jobId: await idFor(ctx, "job") } }) };
}

/** A customer's own token: its successor has the same label, scopes and expiry. */
async function rotateOwn(ctx: Ctx, { token: old }: TokenRow, { overlapSeconds }: Rotation): Promise<Made> {
  const now = ctx.now();
  const id = await idFor(ctx, "token");
  const made = await deriveToken(await ctx.tokenKeys, old.customerId, id);
  const successor = { now, from: sql`old join retired using (id)`, expiresAt: sql`old.expires_at` };
  const { rows } = await ctx.db.execute(sql`with old as (
    select t.* from proxy_tokens t
    where t.id = ${old.id} and t.status = 'active' and (t.expires_at is null or t.expires_at > ${moment(now)}) for update
  ), retired as (
    update proxy_tokens t set ${retire(now, overlapSeconds)} from old where t.id = old.id returning t.id
  ), made as (${insertSuccessor({ ...made, id }, successor)} returning id
  ), key as (${keyFrom(ctx, sql`made`)}
  ), audit as (${auditFrom(ctx, sql`retired`, "token.rotate", sql`id::text`, { successor: id, overlap_seconds: overlapSeconds })})
  select id from made`);
  if (rows.length === 0)
    throw new AppError("conflict", "This token has just been rotated or revoked by another request");
  return { id, value: made.token, job: null };
}
