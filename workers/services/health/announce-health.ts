/** Each minute: mails customers once that their agent doesn't work, and why, and once that it works again. */

import { type SQL, sql } from "drizzle-orm";
import * as z from "zod";
import { text } from "#schema/contracts/parts.ts";
import { MENDED_AFTER_MS, TELL_AFTER_MS } from "#schema/domain/health.ts";
import { toLanguage } from "#schema/domain/models.ts";
import { REASONS, toReasonCode } from "#schema/domain/reasons/catalogue.ts";
import type { Ctx } from "../../context.ts";
import { type MailText, messagesIn } from "../../messages/messages.ts";
import { eachItem } from "../each-item.ts";
import { moment } from "../sql.ts";
import { letterIsDue, sendBoxLetter } from "./box-letter.ts";
import { outages, outsideOf } from "./outages.ts";

/** In one sweep, and in any order: those whose letters are refused must not stand before the others for ever. */
const AT_ONCE = 50;
/** The letter and its mark. */
const COST = 2;

const Row = z.object({
  id: z.uuid(),
  email: z.string(),
  language: text(16).transform(toLanguage),
  bot: z.string(),
  code: z.string().nullable(),
  /** How often it was restarted for this. */
  restarts: z.int().default(0),
  /** Identifies the failure: the time it began, as text. */
  trouble: z.string(),
});
type Told = z.infer<typeof Row>;

/** In an outage no customer is mailed: it is ours to fix, and everybody would get a mail at once. */
export async function announceTrouble(ctx: Ctx): Promise<void> {
  const now = ctx.now().getTime();
  const { rows } = await ctx.db.execute(sql`select b.id, c.email, c.language, b.telegram_bot_username as bot,
      coalesce(h.code, (select j.error_code from operator_jobs j where j.box_id = b.id and j.status = 'dead'
        order by j.seq desc limit 1)) as code, h.auto_restarts as restarts,
      coalesce(h.unhealthy_since, b.updated_at)::text as trouble
    from boxes b join box_health h on h.box_id = b.id join customers c on c.id = b.customer_id and c.email is not null
    where b.desired_status = 'active' and h.told_at is null and c.deleted_at is null and ${letterIsDue(ctx)}
      and ((h.state = 'unhealthy' and b.status = 'active' and h.unhealthy_since <= ${moment(new Date(now - TELL_AFTER_MS))})
        or b.status = 'failed')
      and ${outsideOf(await outages(ctx))}
    order by random() limit ${AT_ONCE}`);
  await eachItem(ctx, { items: rows, cost: COST, name }, async (row) => {
    const told = Row.parse(row);
    const code = toReasonCode(told.code);
    const restarted = told.restarts > 0 && REASONS[code].itself === "restart";
    const message = messagesIn(told.language).agentTrouble({ bot: told.bot, code, restarted });
    await send(ctx, told, message, `trouble-${told.id}-${told.trouble}`, sql`told_at = ${moment(ctx.now())}`);
  });
}

/** The owner of a box that was stopped on purpose needs no mail. */
export async function announceRecovery(ctx: Ctx): Promise<void> {
  const since = moment(new Date(ctx.now().getTime() - MENDED_AFTER_MS));
  await ctx.db.execute(sql`update box_health h set told_at = null from boxes b
    where b.id = h.box_id and h.told_at is not null and b.desired_status <> 'active'`);
  const { rows } =
    await ctx.db.execute(sql`select b.id, c.email, c.language, b.telegram_bot_username as bot, null as code,
      h.told_at::text as trouble
    from boxes b join box_health h on h.box_id = b.id join customers c on c.id = b.customer_id and c.email is not null
    where h.told_at <= ${since} and h.state = 'healthy' and b.status = 'active' and c.deleted_at is null and ${letterIsDue(ctx)}
    order by random() limit ${AT_ONCE}`);
  await eachItem(ctx, { items: rows, cost: COST, name }, async (row) => {
    const told = Row.parse(row);
    const message = messagesIn(told.language).agentWorksAgain({ link: ctx.config.TELEGRAM_CHAT_URL + told.bot });
    await send(ctx, told, message, `mended-${told.id}-${told.trouble}`, sql`told_at = null`);
  });
}

const name = ({ id }: Record<string, unknown>) => ({ box_id: String(id) });

/** One idempotency key a failure: a sweep that is interrupted after sending does not send twice. */
const send = (ctx: Ctx, { id, email }: Told, message: MailText, idempotencyKey: string, set: SQL) =>
  sendBoxLetter(ctx, id, { to: email, ...message, idempotencyKey }, set);
