/** SQL fragments shared by several verbs. */
import { SQL, sql } from "drizzle-orm";
import type { Ctx } from "../context.ts";
import { actorName } from "../contracts/actor.ts";

/** A moment as a parameter, by our clock and not the database's. */
export const moment = (date: Date): SQL => sql`${date.toISOString()}::timestamptz`;

/** With commas between them. */
export const listed = (parts: SQL[]): SQL => sql.join(parts, sql`, `);

/** The audit row of a change, written in the same statement: `from` is the CTE that holds the changed row. */
export function auditFrom(
  ctx: Ctx,
  from: SQL,
  action: string,
  subject: SQL,
  detail: Record<string, unknown> | SQL,
): SQL {
  return sql`insert into audit_log (at, actor, action, subject, request_id, detail)
    select ${moment(ctx.now())}, ${actorName(ctx.actor)}, ${action}, ${subject}, ${ctx.requestId},
      ${detail instanceof SQL ? detail : sql`${JSON.stringify(detail)}::jsonb`} from ${from}`;
}
