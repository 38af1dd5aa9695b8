import { sql } from "drizzle-orm";

/**
 * Why a box is as it is, in words: while it runs, what is wrong with it; else why its last job failed, which a running box
 * can have behind it, too. Of a box `b` with its health `h`.
 */
export const reasonOf = sql`case when b.status = 'active' then coalesce(h.reason, b.status_reason) else b.status_reason end`;
