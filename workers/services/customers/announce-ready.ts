/** Customers hear once that their agent is live. */
import { type SQL, sql } from "drizzle-orm";
import * as z from "zod";
import { text } from "#schema/contracts/parts.ts";
import { toLanguage } from "#schema/domain/models.ts";
import type { Ctx } from "../../context.ts";
import { logError } from "../../log.ts";
import { messagesIn } from "../../messages/messages.ts";
import { eachItem } from "../each-item.ts";
import { letterIsDue, sendBoxLetter } from "../health/box-letter.ts";
import { moment } from "../sql.ts";

/** The most in one sweep; the next sweep continues. */
const AT_ONCE = 50;
/** The letter goes out with the end of the job; this long after, it has not. */
const GRACE_MS = 60_000;
/** By then they know. */
const TOO_LATE_MS = 7 * 24 * 3_600_000;

const Row = z.object({
  box_id: z.uuid(),
  job_id: z.uuid(),
  email: z.string(),
  language: text(16).transform(toLanguage),
  bot: z.string(),
});

/** When a box is active for the first time: after the answer, and its failure never fails the job. */
export function announceReady(ctx: Ctx, boxId: string): void {
  ctx.defer(
    announce(ctx, sql`b.id = ${boxId}`).catch((error: unknown) =>
      logError("mail", ctx.requestId, error, { box_id: boxId, outcome: "left to the sweep" }, "warn"),
    ),
  );
}

/** The sweep's part: whoever could not be told then, as where the mail service was away. */
export async function announceReadyLate(ctx: Ctx): Promise<void> {
  const before = (ms: number) => moment(new Date(ctx.now().getTime() - ms));
  await announce(ctx, sql`j.finished_at between ${before(TOO_LATE_MS)} and ${before(GRACE_MS)}`);
}

/** In any order: those whose letters are refused must not stand before the others for ever. */
async function announce(ctx: Ctx, which: SQL): Promise<void> {
  const { rows } = await ctx.db.execute(sql`select b.id as box_id, j.id as job_id, c.email, c.language,
      b.telegram_bot_username as bot
    from box_health h join boxes b on b.id = h.box_id join customers c on c.id = b.customer_id
    join lateral (select id, finished_at from operator_jobs where box_id = b.id and type = 'provision'
      and status in ('succeeded', 'superseded') and finished_at >= b.created_at order by seq desc limit 1) j on true
    where h.ready_told_at is null and b.status = 'active' and b.desired_status = 'active'
      and c.email is not null and c.deleted_at is null
      and ${letterIsDue(ctx)} and ${which}
    order by random() limit ${AT_ONCE}`);
  const items = { items: rows, cost: 2, name: ({ box_id }: Record<string, unknown>) => ({ box_id: String(box_id) }) };
  await eachItem(ctx, items, (row) => tell(ctx, row));
}

/** Under one key a job: a sweep that is cut off after sending sends nothing twice. */
async function tell(ctx: Ctx, row: unknown): Promise<void> {
  const { box_id, job_id, email, language, bot } = Row.parse(row);
  const message = messagesIn(language).agentReady({ link: ctx.config.TELEGRAM_CHAT_URL + bot });
  const letter = { to: email, ...message, idempotencyKey: job_id };
  await sendBoxLetter(ctx, box_id, letter, sql`ready_told_at = ${moment(ctx.now())}`);
}
