import { and, desc, eq, lt, or, type SQL, sql } from "drizzle-orm";
import type { AuditEntry, AuditList } from "#schema/contracts/audit.ts";
import { auditLog } from "#schema/db/schema.ts";
import type { Call } from "../../context.ts";
import { requireScope } from "../access.ts";
import { PAGE_SIZE } from "../newest-first.ts";

export interface AuditFilter {
  /** A box, with its jobs. */
  boxId?: string | undefined;
  subject?: string | undefined;
  actor?: string | undefined;
  action?: string | undefined;
  cursor?: string | undefined;
}

/** Newest first. */
export async function listAudit({ ctx, input }: Call<AuditFilter>): Promise<AuditList> {
  requireScope(ctx, "audit:read");
  const rows = await ctx.db
    .select()
    .from(auditLog)
    .where(and(...conditions(input)))
    .orderBy(desc(auditLog.id))
    .limit(PAGE_SIZE + 1);
  const page = rows.slice(0, PAGE_SIZE);
  const last = page.at(-1);
  return { entries: page.map(viewEntry), next_cursor: rows.length > PAGE_SIZE && last ? String(last.id) : null };
}

function conditions(filter: AuditFilter): (SQL | undefined)[] {
  return [
    filter.boxId ? ofBox(filter.boxId) : undefined,
    filter.subject ? eq(auditLog.subject, filter.subject) : undefined,
    filter.actor ? eq(auditLog.actor, filter.actor) : undefined,
    filter.action ? eq(auditLog.action, filter.action) : undefined,
    filter.cursor ? lt(auditLog.id, Number(filter.cursor)) : undefined,
  ];
}

const ofBox = (boxId: string): SQL | undefined =>
  or(
    eq(auditLog.subject, boxId),
    sql`${auditLog.subject} in (select j.id::text from operator_jobs j where j.box_id = ${boxId}::uuid)`,
  );

const viewEntry = ({ at, requestId, ...entry }: typeof auditLog.$inferSelect): AuditEntry => ({
  ...entry,
  at: at.toISOString(),
  request_id: requestId,
});
