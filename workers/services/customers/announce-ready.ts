import { eq } from "drizzle-orm";
import { customers } from "#schema/db/schema.ts";
import { toLanguage } from "#schema/domain/models.ts";
import type { Ctx } from "../../context.ts";
import { createLog } from "../../log.ts";
import { messagesIn } from "../../messages/messages.ts";
import type { OwnedBox } from "../boxes/owned-box.ts";
import type { JobWithBox } from "../jobs/load.ts";

type Found = Pick<JobWithBox, "job"> & { box: OwnedBox };

/** Tells the customer that the agent is live: once a provision job, and its failure never fails the job. */
export function announceReady(ctx: Ctx, found: Found): void {
  ctx.defer(
    send(ctx, found).catch((error: unknown) => {
      const log = createLog("mail", ctx.requestId);
      log.set({ job_id: found.job.id, customer_id: found.box.customerId });
      log.error(error);
      log.emit("warn");
    }),
  );
}

async function send(ctx: Ctx, { job, box }: Found): Promise<void> {
  const [customer] = await ctx.db.select().from(customers).where(eq(customers.id, box.customerId));
  if (!customer?.email || customer.deletedAt) return;
  const link = ctx.config.TELEGRAM_CHAT_URL + box.telegramBotUsername;
  await ctx.mail.send({
    to: customer.email,
    ...messagesIn(toLanguage(customer.language)).agentReady({ link }),
    idempotencyKey: job.id,
  });
}
