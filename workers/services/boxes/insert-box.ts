/**
 * Writes the rows of a customer's new box in one transaction: customer, subscription, box, token, job and audit row.
 * The box is adopted from the warm pool if one is ready, otherwise new.
 */
import { and, eq, ne, type SQL, sql } from "drizzle-orm";
import { type Accepted, type Job, peopleIn } from "#schema/contracts/internal.ts";
import { boxes, customers, operatorJobs, subscriptions } from "#schema/db/schema.ts";
import { AppError } from "#schema/domain/errors.ts";
import { newId } from "#schema/domain/ids.ts";
import { addMonths } from "#schema/domain/months.ts";
import { deriveToken } from "#schema/domain/proxy-token.ts";
import type { Ctx } from "../../context.ts";
import { type Origin, originStatement } from "../backups/origin.ts";
import { idFor, keyFrom } from "../idempotency/once.ts";
import { enqueue } from "../jobs/enqueue.ts";
import { type JobRow, viewJob } from "../jobs/view-job.ts";
import { adoptOrMake, type BoxPlan } from "./adopt-or-make.ts";
import { selectBoxes, viewBox } from "./view-box.ts";

export interface NewBox extends Omit<BoxPlan, "subscriptionId" | "now"> {
  origin?: Origin | undefined;
  /** The customer is new, too. */
  isNew: boolean;
  /** A live subscription without a box; undefined if a new one is needed. */
  subscriptionId: string | undefined;
}

interface Plan extends BoxPlan, Pick<NewBox, "isNew"> {
  jobId: string;
}

/** Throws `conflict` if another request was faster with this customer or bot. */
export async function insertBox(
  ctx: Ctx,
  { subscriptionId = newId(), ...box }: NewBox,
): Promise<{ accepted: Accepted; job: JobRow }> {
  const plan: Plan = { ...box, subscriptionId, jobId: await idFor(ctx, "job"), now: ctx.now() };
  const [chosen, token] = await Promise.all([adoptOrMake(ctx, plan), tokenStatement(ctx, plan)]);
  const rows = await ctx.db.batch([
    writeCustomer(ctx, plan),
    writeSubscription(ctx, plan),
    ctx.db.execute(chosen),
    ctx.db.execute(token),
    ctx.db.execute(jobStatement(ctx, plan)),
    ctx.db.execute(originStatement(ctx, box.origin, theBox(plan))),
    selectBoxes(ctx).where(and(eq(boxes.subscriptionId, subscriptionId), ne(boxes.status, "destroyed"))),
    ctx.db.select().from(operatorJobs).where(eq(operatorJobs.id, plan.jobId)),
  ]);
  const [written] = rows[6];
  const [job] = rows[7];
  if (!written || !job) throw new AppError("internal", "The rows just written are missing");
  return { accepted: { box: viewBox(written), job: viewJob(job) }, job };
}

function writeCustomer(ctx: Ctx, { request, customerId, isNew, now }: Plan) {
  const { customer_email: email, language } = request;
  const telegramUserId = peopleIn(request)[0]?.id;
  if (!isNew) {
    return ctx.db
      .update(customers)
      .set({ telegramUserId, language, updatedAt: now })
      .where(eq(customers.id, customerId));
  }
  return ctx.db.execute(sql`with made as (
      insert into customers (id, email, telegram_user_id, language)
      values (${customerId}::uuid, ${email}, ${telegramUserId ?? null}, ${language}) returning id, email
    )
    insert into identities (id, customer_id, kind, subject) select ${newId()}::uuid, id, 'email', email from made`);
}

function writeSubscription(ctx: Ctx, { request: { tier }, customerId, subscriptionId, now }: Plan) {
  const period = { currentPeriodStart: now, currentPeriodEnd: new Date(addMonths(now.getTime(), 1)) };
  return ctx.db
    .insert(subscriptions)
    .values({ id: subscriptionId, customerId, tier, status: "active", ...period })
    .onConflictDoUpdate({ target: subscriptions.id, set: { tier, updatedAt: now } });
}

/** The chosen box: a subscription has one live box. */
const theBox = ({ subscriptionId }: Plan): SQL =>
  sql`boxes b where b.subscription_id = ${subscriptionId} and b.status <> 'destroyed'`;

async function tokenStatement(ctx: Ctx, plan: Plan): Promise<SQL> {
  const id = newId();
  const { hash, last4 } = await deriveToken(await ctx.tokenKeys, plan.customerId, id);
  return sql`insert into proxy_tokens (id, customer_id, box_id, token_hash, last4, when_spent)
    select ${id}::uuid, b.customer_id, b.id, ${hash}, ${last4}, 'message' from ${theBox(plan)}`;
}

/** The job's first step shows that the box was adopted. */
function jobStatement(ctx: Ctx, plan: Plan): SQL {
  const { tier, model } = plan.request;
  const adopted: Job["steps"] = [
    { step: "adopt", message: "adopted a ready box of the warm pool", at: plan.now.toISOString() },
  ];
  const steps = sql`case when b.adopted_at is null then '[]'::jsonb else ${JSON.stringify(adopted)}::jsonb end`;
  const detail = sql`jsonb_build_object('tier', ${tier}::text, 'model', ${model}::text, 'cluster', b.cluster_id, 'pool', b.pool_result)`;
  const job = {
    type: "provision",
    from: sql`(select b.* from ${theBox(plan)})`,
    id: sql`${plan.jobId}::uuid`,
    steps,
    audit: { action: "box.provision", detail },
  } as const;
  return sql`with ${enqueue(ctx, job)}, key as (${keyFrom(ctx, sql`job`)}) select id from job`;
}
