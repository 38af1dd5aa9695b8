import { sql } from "drizzle-orm";
import type { ChangesUndone } from "#schema/contracts/changes-undone.ts";
import type { Call } from "../../context.ts";
import { createLog } from "../../log.ts";
import { ownBox } from "../access.ts";
import { auditFrom, moment } from "../sql.ts";

export const CHANGE_UNDONE = "box.change_undone";

/** Whoever has a box's token may say this of it, as often as they like: one entry in this time is kept. */
const PAUSE_MS = 5_000;

/** Records that a box's agent changed files that are not its own, and that they were put right; and alerts operators. */
export async function recordChanges({ ctx, input }: Call<ChangesUndone>): Promise<void> {
  const { boxId } = ownBox(ctx);
  const files = input.files.join(", ");
  const since = moment(new Date(ctx.now().getTime() - PAUSE_MS));
  const { rows } = await ctx.db.execute(sql`with told as (select ${boxId}::text as id where not exists (
      select from audit_log where subject = ${boxId} and action = ${CHANGE_UNDONE} and at > ${since}))
    ${auditFrom(ctx, sql`told`, CHANGE_UNDONE, sql`told.id`, { files })} returning id`);
  if (rows.length === 0) return;
  const log = createLog("box_changed_from_inside", ctx.requestId);
  log.set({ box_id: boxId, reason: files });
  log.emit("error");
}
