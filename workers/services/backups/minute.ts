import { type SQL, sql } from "drizzle-orm";

/** The minute of the day (UTC) that a box has for its daily work: a hash of its id, so the day's work is spread evenly. */
export const minuteOf = (boxId: SQL): SQL => sql`(('x' || substr(md5(${boxId}::text), 1, 7))::bit(28)::int % 1440)`;

export const minuteOfDay = (now: Date): number => Math.floor(now.getTime() / 60_000) % 1_440;
