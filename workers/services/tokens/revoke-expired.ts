/** The sweep's part for tokens. */
import { sql } from "drizzle-orm";
import type { Ctx } from "../../context.ts";
import { syncMeter } from "../boxes/sync-meter.ts";
import { eachItem } from "../each-item.ts";
import { auditFrom, moment } from "../sql.ts";

const BATCH = 1_000;
/** So long after a revocation its customer's meter is told again, in case it could not be reached. */
const RESYNC_MS = 15 * 60_000;

/** Tokens whose time is over become `revoked`. The meter refuses them from that moment on by itself. */
export async function revokeExpired(ctx: Ctx): Promise<void> {
  const now = moment(ctx.now());
  await ctx.db.execute(sql`with over as (
    select id from proxy_tokens where status <> 'revoked' and expires_at <= ${now}
    order by expires_at limit ${BATCH} for update skip locked
  ), revoked as (
    update proxy_tokens t set status = 'revoked', revoked_at = ${now} from over where t.id = over.id returning t.id
  ) ${auditFrom(ctx, sql`revoked`, "token.expire", sql`id::text`, {})}`);
}

/** What a person revoked, or a rotation without overlap, a meter has to be told: it can't know by the clock. */
export async function resyncRevoked(ctx: Ctx): Promise<void> {
  const since = moment(new Date(ctx.now().getTime() - RESYNC_MS));
  const { rows } = await ctx.db.execute(sql`select distinct customer_id from proxy_tokens
    where revoked_at > ${since} and (expires_at is null or expires_at > revoked_at) limit ${BATCH}`);
  await eachItem(
    ctx,
    rows.map(({ customer_id }) => String(customer_id)),
    (id) => ({ customer_id: id }),
    (id) => syncMeter(ctx, id),
  );
}
