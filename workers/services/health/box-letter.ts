/** Letters about a box to its customer. One that can't be sent is tried again after 1, 2, 4, … minutes, a day at last. */
import { type SQL, sql } from "drizzle-orm";
import type { Ctx } from "../../context.ts";
import type { Letter } from "../../integrations/mail.ts";
import { moment } from "../sql.ts";

const MOST_MINUTES = 1_440;

/** Of a box's health `h`. */
export const letterIsDue = (ctx: Ctx): SQL => sql`(h.letter_due_at is null or h.letter_due_at <= ${moment(ctx.now())})`;

/** Sends it and marks it as sent (`set`). Throws the mail service's refusal. */
export async function sendBoxLetter(ctx: Ctx, boxId: string, letter: Letter, set: SQL): Promise<void> {
  try {
    await ctx.mail.send(letter);
  } catch (error) {
    await ctx.db.execute(sql`update box_health set letter_failures = letter_failures + 1,
      letter_due_at = ${moment(ctx.now())} + least(power(2, letter_failures), ${MOST_MINUTES}) * interval '1 minute'
      where box_id = ${boxId}`);
    throw error;
  }
  await ctx.db.execute(
    sql`update box_health set ${set}, letter_failures = 0, letter_due_at = null where box_id = ${boxId}`,
  );
}
