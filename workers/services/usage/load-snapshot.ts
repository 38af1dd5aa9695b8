import { and, arrayContains, eq, gt, ne, notInArray, sql } from "drizzle-orm";
import { boxes, customers, proxyTokens, subscriptions, usageMonthly } from "#schema/db/schema.ts";
import { toLanguage } from "#schema/domain/models.ts";
import type { SubscriptionStatus } from "#schema/domain/states.ts";
import { TIERS } from "#schema/domain/tiers.ts";
import type { MeterSnapshot, MeterToken } from "../../contracts/meter.ts";
import type { Database } from "../../integrations/database.ts";

/** Subscriptions with a quota. `past_due` included: Stripe is still retrying, and suspending the box is a separate step. */
const GIVES_TOKENS: readonly SubscriptionStatus[] = ["trialing", "active", "past_due"];

/** Everything a TokenMeter needs, read in one transaction. */
export async function loadSnapshot(db: Database, customerId: string): Promise<MeterSnapshot | undefined> {
  const [people, subscribed, tokens, booked] = await db.batch([
    db.select({ language: customers.language }).from(customers).where(eq(customers.id, customerId)),
    liveSubscription(db, customerId),
    usableTokens(db, customerId),
    openPeriods(db, customerId),
  ]);
  const [person] = people;
  if (!person) return undefined;
  const subscription = subscribed.find((one) => GIVES_TOKENS.includes(one.status));
  const tier = subscription && TIERS[subscription.tier];
  return {
    customerId,
    language: toLanguage(person.language),
    limit: tier?.monthlyTokens ?? 0,
    maxOutputTokens: tier?.maxOutputTokens ?? 0,
    period: subscription ? { start: subscription.start.getTime(), end: subscription.end.getTime() } : null,
    billedByStripe: subscription?.stripeId != null,
    tokens: tokens.map(toToken),
    booked: booked.map((one) => ({ periodStart: one.start.getTime(), tokens: one.input + one.output })),
  };
}

function liveSubscription(db: Database, customerId: string) {
  return db
    .select({
      tier: subscriptions.tier,
      status: subscriptions.status,
      stripeId: subscriptions.stripeSubscriptionId,
      start: subscriptions.currentPeriodStart,
      end: subscriptions.currentPeriodEnd,
    })
    .from(subscriptions)
    .where(
      and(
        eq(subscriptions.customerId, customerId),
        notInArray(subscriptions.status, ["canceled", "incomplete_expired"]),
      ),
    );
}

/** Tokens with the scope for models; the meter does not know others. */
function usableTokens(db: Database, customerId: string) {
  return db
    .select({
      id: proxyTokens.id,
      hash: proxyTokens.tokenHash,
      boxId: proxyTokens.boxId,
      status: proxyTokens.status,
      whenSpent: proxyTokens.whenSpent,
      expiresAt: proxyTokens.expiresAt,
      boxDesired: boxes.desiredStatus,
    })
    .from(proxyTokens)
    .leftJoin(boxes, eq(boxes.id, proxyTokens.boxId))
    .where(
      and(
        eq(proxyTokens.customerId, customerId),
        ne(proxyTokens.status, "revoked"),
        arrayContains(proxyTokens.scopes, ["llm"]),
      ),
    );
}

function openPeriods(db: Database, customerId: string) {
  return db
    .select({ start: usageMonthly.periodStart, input: usageMonthly.inputTokens, output: usageMonthly.outputTokens })
    .from(usageMonthly)
    .where(and(eq(usageMonthly.customerId, customerId), gt(usageMonthly.periodEnd, sql`now()`)));
}

type TokenRow = Awaited<ReturnType<typeof usableTokens>>[number];

function toToken(row: TokenRow): MeterToken {
  return {
    id: row.id,
    hash: row.hash,
    boxId: row.boxId,
    status: row.status,
    onQuotaExceeded: row.whenSpent,
    expiresAt: row.expiresAt?.getTime() ?? null,
    suspended: row.boxDesired !== null && row.boxDesired !== "active",
  };
}
