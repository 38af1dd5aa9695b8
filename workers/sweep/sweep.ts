/** Each minute: what was lost on the way is found again. Every sweep may run twice and fails alone. */
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
import { inTurn, type Sweep, takeTurns } from "./turn.ts";

const SWEEPS: readonly Sweep[] = [
  { name: "expireLeases", least: 4, run: expireLeases },
  { name: "offerQueued", least: 3, run: offerQueued },
  { name: "alertStuck", least: 1, run: (ctx) => alertStuck(ctx) },
  { name: "keepPools", least: 3, run: (ctx) => keepPools(ctx) },
  { name: "restartUnhealthy", least: 10, run: restartUnhealthy },
  { name: "announceReadyLate", least: 3, run: announceReadyLate },
  { name: "announceTrouble", least: 4, run: announceTrouble },
  { name: "announceRecovery", least: 4, run: announceRecovery },
  { name: "alertOperators", least: 8, run: (ctx) => alertOperators(ctx) },
  { name: "advanceRollouts", least: 21, run: advanceRollouts },
  { name: "refuseRevoked", least: 2, run: refuseRevoked },
  { name: "keepPartitions", least: 3, run: keepPartitions },
  { name: "forgetKeys", least: 1, run: forgetKeys },
  { name: "forgetSessions", least: 1, run: forgetSessions },
  { name: "renewPeriods", least: 1, run: renewPeriods },
  { name: "reconcileUsage", least: 8, run: reconcileUsage },
  { name: "revokeExpired", least: 1, run: revokeExpired },
  { name: "syncMeters", least: 3, run: syncMeters },
  { name: "settleBackups", least: 1, run: settleBackups },
  { name: "settleRestores", least: 1, run: settleRestores },
  { name: "scheduleBackups", least: 7, run: scheduleBackups },
  { name: "retireBackups", least: 2, run: retireBackups },
  { name: "removeObjects", least: 4, run: removeObjects },
];

/** Gives each sweep its turn. Returns how many items, or whole sweeps, failed: each has its line in the log. */
export async function sweep({ ctx }: { ctx: Ctx }): Promise<number> {
  requireSystem(ctx);
  let failed = 0;
  const postponed = new Map<string, number>();
  const passedOver = await takeTurns(SWEEPS, {
    limit: ctx.config.SUBREQUEST_LIMIT,
    minute: Math.floor(ctx.now().getTime() / 60_000),
    take: async ({ name, run }, turn) => {
      await eachItem({ ...ctx, turn }, { items: [inTurn(ctx, turn)], cost: 0, name: () => ({}) }, run);
      failed += turn.failed;
      postponed.set(name, turn.postponed);
    },
  });
  const waiting = [...postponed.values()].reduce((sum, count) => sum + count, passedOver.length);
  ctx.log.set({ failed, postponed: waiting });
  return failed;
}

/** Revoking a key tells the mailbox at once; this is for rows that were changed by hand. */
async function refuseRevoked(ctx: Ctx): Promise<void> {
  const rows = await ctx.db.select({ id: clusters.id, keys: clusters.agentKeys }).from(clusters);
  const items = { items: rows, cost: 1, name: ({ id }: { id: string }) => ({ cluster_id: id }) };
  await eachItem(ctx, items, ({ id, keys }) => ctx.mailbox(id).keepOnly(keys.map(({ kid }) => kid)));
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
