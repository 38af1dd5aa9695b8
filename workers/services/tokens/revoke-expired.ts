import { sql } from "drizzle-orm";
import type { Ctx } from "../../context.ts";
import { auditFrom, moment } from "../sql.ts";

const BATCH = 1_000;

/** Marks expired tokens as `revoked`. The meter refuses them from their expiry on by itself. */
export async function revokeExpired(ctx: Ctx): Promise<void> {
  const now = moment(ctx.now());
  await ctx.db.execute(sql`with over as (
    select id from proxy_tokens where status <> 'revoked' and expires_at <= ${now}
    order by expires_at limit ${BATCH} for update skip locked
  ), revoked as (
    update proxy_tokens t set status = 'revoked', revoked_at = ${now} from over where t.id = over.id returning t.id
  ) ${auditFrom(ctx, sql`revoked`, "token.expire", sql`id::text`, {})}`);
}
