/** Provisions a box: finds customer, bot and cluster, then writes all rows at once. */
import { and, asc, eq, ne, type SQL, sql } from "drizzle-orm";
import { type Accepted, peopleIn } from "#schema/contracts/internal.ts";
import { boxes, clusters, customers, subscriptions } from "#schema/db/schema.ts";
import { AppError } from "#schema/domain/errors.ts";
import { newId } from "#schema/domain/ids.ts";
import type { Call, Ctx } from "../../context.ts";
import { requireScope } from "../access.ts";
import type { Origin } from "../backups/origin.ts";
import { customerBy } from "../customers/customer-by.ts";
import { acceptedAgain } from "../idempotency/accepted-again.ts";
import { once } from "../idempotency/once.ts";
import { wakeJob } from "../jobs/wake.ts";
import { refillLater } from "../pool/keep-pools.ts";
import { readyBoxes } from "../pool/ready-boxes.ts";
import type { BoxRequest } from "./adopt-or-make.ts";
import { findBot, usableBot } from "./find-bot.ts";
import { insertBox, type NewBox } from "./insert-box.ts";
import type { BoxRow } from "./owned-box.ts";
import { checkRoom } from "./people.ts";
import { doing } from "./refusal.ts";
import { syncMeter } from "./sync-meter.ts";

interface Provision extends Call<BoxRequest> {
  /** The backup that it is made from. Such a box is never adopted, because a pool's box already runs without the backup. */
  origin?: Origin | undefined;
}

/** Throws `invalid_request` (the bot token, too many people), `conflict`, `upstream_unavailable`. */
export async function provisionBox(call: Provision): Promise<Accepted> {
  requireScope(call.ctx, "boxes:write");
  return once(call, provision, acceptedAgain);
}

async function provision({ ctx, input, origin }: Provision): Promise<Accepted> {
  checkRoom(input.tier, peopleIn(input));
  // In parallel: the customer waits for the slowest, not for the sum.
  const [found, foundBot, clusterId, ready] = await Promise.all([
    look(ctx, origin ? sql`${origin.customerId}::uuid` : customerBy("email", input.customer_email ?? "")),
    findBot(ctx, input.telegram_bot_token),
    chooseCluster(ctx),
    origin ? [] : readyBoxes(ctx, input.tier, ctx.config.DEFAULT_CLUSTER),
  ]);
  if (found.box) throw new AppError("conflict", `This customer already has a box, which ${doing(found.box)}`);
  const bot = usableBot(foundBot);
  const { accepted, job } = await insertBox(ctx, { ...found, request: input, bot, clusterId, ready, origin });
  wakeJob(ctx, job);
  refillLater(ctx, accepted.box.cluster_id);
  ctx.log.set({ box_id: accepted.box.id, job_id: job.id, cluster_id: accepted.box.cluster_id });
  await syncMeter(ctx, accepted.box.customer_id);
  return accepted;
}

interface Found extends Pick<NewBox, "customerId" | "isNew" | "subscriptionId"> {
  /** A live box. */
  box: BoxRow | undefined;
}

async function look(ctx: Ctx, customerId: SQL): Promise<Found> {
  const [row] = await ctx.db
    .select({ customerId: customers.id, subscription: subscriptions, box: boxes })
    .from(customers)
    .leftJoin(subscriptions, and(eq(subscriptions.customerId, customers.id), liveSubscription))
    .leftJoin(boxes, and(eq(boxes.customerId, customers.id), ne(boxes.status, "destroyed")))
    .where(eq(customers.id, customerId))
    .limit(1);
  const { subscription, box } = row ?? {};
  return {
    customerId: row?.customerId ?? newId(),
    isNew: !row,
    subscriptionId: subscription?.id,
    box: box ?? undefined,
  };
}

const liveSubscription = sql`${subscriptions.status} not in ('canceled', 'incomplete_expired')`;

async function chooseCluster(ctx: Ctx): Promise<string> {
  const wanted = ctx.config.DEFAULT_CLUSTER;
  const eligible = await ctx.db
    .select({ id: clusters.id, accepts: clusters.acceptsNewBoxes })
    .from(clusters)
    .where(wanted === undefined ? undefined : eq(clusters.id, wanted))
    .orderBy(asc(clusters.id));
  const cluster = eligible.find(({ accepts }) => accepts);
  if (cluster) return cluster.id;
  throw new AppError(
    "conflict",
    noPlace(
      eligible.map(({ id }) => id),
      wanted,
    ),
  );
}

function noPlace(drained: string[], wanted: string | undefined): string {
  if (drained.length === 0) return wanted === undefined ? "There is no cluster yet" : `There is no cluster ${wanted}`;
  const which = drained.length === 1 ? `The cluster ${drained[0]} is` : `All clusters (${drained.join(", ")}) are`;
  return `${which} drained: no new box is made there until \`fleet-agent fleet drain ${drained[0]} --undo\``;
}
