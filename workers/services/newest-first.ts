/** Lists by `created_at`, newest first, page by page and without gaps. */
import { desc, type SQL, sql } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";

export const PAGE_SIZE = 50;

export function newestFirst(table: { createdAt: PgColumn; id: PgColumn }) {
  // A cursor holds milliseconds, so the order does too.
  const createdMs = sql`date_trunc('milliseconds', ${table.createdAt})`;
  return {
    order: [desc(createdMs), desc(table.id)],
    /** What comes after the page with this cursor (a `timeCursor`). */
    after(cursor: string): SQL {
      const [ms, id] = cursor.split("_");
      return sql`(${createdMs}, ${table.id}) < (${new Date(Number(ms)).toISOString()}::timestamptz, ${id}::uuid)`;
    },
  };
}

export const cursorOf = (row: { createdAt: Date; id: string }): string => `${row.createdAt.getTime()}_${row.id}`;
