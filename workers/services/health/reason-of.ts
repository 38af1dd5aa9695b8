import { sql } from "drizzle-orm";

/**
 * The reason for a box's state: while it runs, of its health; otherwise of its last failed job, which a running box
 * may have, too. Of a box `b` with its health `h`.
 */
export const reasonOf = sql`case when b.status = 'active' then coalesce(h.reason, b.status_reason) else b.status_reason end`;
