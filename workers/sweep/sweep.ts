/** Each minute: what was lost on the way is found again. Every part may run twice and fails alone. */
import { lt, sql } from "drizzle-orm";
import { clusters, idempotencyKeys, sessions } from "#schema/db/schema.ts";
import type { Ctx } from "../context.ts";
import { requireSystem } from "../services/access.ts";
import { removeObjects, retireBackups } from "../services/backups/remove.ts";
import { scheduleBackups } from "../services/backups/schedule.ts";
import { settleBackups, settleRestores } from "../services/backups/settle.ts";
import { syncMeters } from "../services/boxes/sync-meters.ts";
import { announceReadyLate } from "../services/customers/announce-ready.ts";
import { eachItem } from "../services/each-item.ts";
import { alertOperators } from "../services/health/alert-operators.ts";
import { announceRecovery, announceTrouble } from "../services/health/announce-health.ts";
import { restartUnhealthy } from "../services/health/restart-unhealthy.ts";
import { keepPools } from "../services/pool/keep-pools.ts";
import { advanceRollouts } from "../services/rollouts/advance.ts";
import { moment } from "../services/sql.ts";
import { revokeExpired } from "../services/tokens/revoke-expired.ts";
import { keepPartitions } from "../services/usage/keep-partitions.ts";
import { reconcileUsage } from "../services/usage/reconcile-usage.ts";
import { alertStuck } from "./alert-stuck.ts";
import { expireLeases, offerQueued } from "./sweep-jobs.ts";

const PARTS: Record<string, (ctx: Ctx) => Promise<unknown>> = {
  expireLeases,
  offerQueued,
  alertStuck,
  keepPools: (ctx) => keepPools(ctx),
  restartUnhealthy,
  announceReadyLate,
  announceTrouble,
  announceRecovery,
  alertOperators: (ctx) => alertOperators(ctx),
  advanceRollouts,
  refuseRevoked,
  keepPartitions,
  forgetKeys,
  forgetSessions,
  renewPeriods,
  reconcileUsage,
  revokeExpired,
  syncMeters,
  settleBackups,
  settleRestores,
  scheduleBackups,
  retireBackups,
  removeObjects,
};

/** Runs every part. Returns how many items, or whole parts, failed: each has its line in the log. */
export async function sweep({ ctx }: { ctx: Ctx }): Promise<number> {
  requireSystem(ctx);
  const whole = { sweep: "sweep", failed: 0 };
  await eachItem(
    { ...ctx, turn: whole },
    Object.entries(PARTS),
    ([name]) => ({ sweep: name }),
    async ([name, part]) => {
      const turn = { sweep: name, failed: 0 };
      await part({ ...ctx, turn }).finally(() => {
        whole.failed += turn.failed;
      });
    },
  );
  ctx.log.set({ failed: whole.failed });
  return whole.failed;
}

/** Revoking a key tells the mailbox at once; this is for rows that were changed by hand. */
async function refuseRevoked(ctx: Ctx): Promise<void> {
  const rows = await ctx.db.select({ id: clusters.id, keys: clusters.agentKeys }).from(clusters);
  await eachItem(
    ctx,
    rows,
    ({ id }) => ({ cluster_id: id }),
    ({ id, keys }) => ctx.mailbox(id).keepOnly(keys.map(({ kid }) => kid)),
  );
}

async function forgetKeys(ctx: Ctx): Promise<void> {
  await ctx.db.delete(idempotencyKeys).where(lt(idempotencyKeys.expiresAt, ctx.now()));
}

async function forgetSessions(ctx: Ctx): Promise<void> {
  await ctx.db.delete(sessions).where(lt(sessions.expiresAt, ctx.now()));
}

/** A subscription made by hand has no Stripe to renew it: its next period begins where the last one ended. */
async function renewPeriods(ctx: Ctx): Promise<void> {
  const now = moment(ctx.now());
  await ctx.db.execute(sql`update subscriptions
    set current_period_start = current_period_end, current_period_end = current_period_end + interval '1 month',
      updated_at = ${now}
    where stripe_subscription_id is null and status = 'active' and current_period_end <= ${now}`);
}
