import { sql } from "drizzle-orm";
import type { Notice } from "../../contracts/meter.ts";
import type { Database } from "../../integrations/database.ts";

/**
 * Records that a customer has used nine tenths of a period, as `usage.warned` in the audit log, for a later
 * notification. Once a period, however often it is called; the lock makes concurrent calls one.
 */
export async function announceNotice(db: Database, notice: Notice): Promise<void> {
  const subject = `customer:${notice.customerId}`;
  const detail = {
    period_start: new Date(notice.periodStart).toISOString(),
    period_end: new Date(notice.periodEnd).toISOString(),
    limit: notice.limit,
    settled: notice.settled,
  };
  const lock = sql`select pg_advisory_xact_lock(hashtextextended(${subject}, 0))`;
  const note = sql`insert into audit_log (at, actor, action, subject, detail)
    select ${new Date(notice.at).toISOString()}::timestamptz, 'system', 'usage.warned', ${subject}, ${JSON.stringify(detail)}::jsonb
    where not exists (select from audit_log
      where subject = ${subject} and action = 'usage.warned' and detail ->> 'period_start' = ${detail.period_start})`;
  await db.batch([db.execute(lock), db.execute(note)]);
}
