import { type SQL, sql } from "drizzle-orm";
import { GROWING_WAITS } from "#schema/domain/health.ts";
import { listed } from "../sql.ts";

const WAITS = listed(GROWING_WAITS.map((ms) => sql`${ms}::int`));

/** The nth of the growing waits, counted from 1, as an interval; the last one repeats. */
export const growingWait = (n: SQL): SQL =>
  sql`((array[${WAITS}])[greatest(1, least(${n}, ${GROWING_WAITS.length}))] * interval '1 millisecond')`;
