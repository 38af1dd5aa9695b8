import { sql } from "drizzle-orm";

/** Why a box is as it is, in words: while it runs, what is wrong with it; else why it has failed. Of a box `b` with its health `h`. */
export const reasonOf = sql`case when b.status = 'active' then h.reason else b.status_reason end`;
