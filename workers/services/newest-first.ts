/** Lists by `created_at`, the newest first, page by page and without a gap. */
import { desc, type SQL, sql } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import { decodeCursor, encodeCursor } from "./cursor.ts";

const FORMS = [/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, /^[0-9a-f-]{36}$/];

export function newestFirst(table: { createdAt: PgColumn; id: PgColumn }) {
  // A cursor holds milliseconds, so the order does too.
  const createdMs = sql`date_trunc('milliseconds', ${table.createdAt})`;
  return {
    order: [desc(createdMs), desc(table.id)],
    /** What comes after the page that gave this cursor. Throws `invalid_request` for one that is not ours. */
    after(cursor: string): SQL {
      const [createdAt, id] = decodeCursor(cursor, FORMS);
      return sql`(${createdMs}, ${table.id}) < (${createdAt}::timestamptz, ${id}::uuid)`;
    },
  };
}

export const cursorOf = (row: { createdAt: Date; id: string }): string =>
  encodeCursor([row.createdAt.toISOString(), row.id]);
