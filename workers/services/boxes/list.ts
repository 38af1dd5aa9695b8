import { and, desc, eq, ilike, or, type SQL, sql } from "drizzle-orm";
import type { BoxList } from "#schema/contracts/internal.ts";
import { boxes, customers } from "#schema/db/schema.ts";
import type { BoxStatus } from "#schema/domain/states.ts";
import type { Ctx } from "../../context.ts";
import { decodeCursor, encodeCursor, PAGE_SIZE } from "../cursor.ts";
import { type BoxRow, selectBoxes, viewBox } from "./view-box.ts";

export interface BoxFilter {
  status?: BoxStatus | undefined;
  cluster?: string | undefined;
  email?: string | undefined;
  /** Part of an email, a bot's name or the start of a box's id. */
  q?: string | undefined;
  cursor?: string | undefined;
}

const FORMS = [/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, /^[0-9a-f-]{36}$/];
/** A cursor holds milliseconds, so the order does too. */
const createdMs = sql`date_trunc('milliseconds', ${boxes.createdAt})`;

/** Newest first. Throws `invalid_request` for a cursor that is not ours. */
export async function listBoxes({ ctx, input }: { ctx: Ctx; input: BoxFilter }): Promise<BoxList> {
  const rows = await selectBoxes(ctx)
    .where(and(...conditions(input)))
    .orderBy(desc(createdMs), desc(boxes.id))
    .limit(PAGE_SIZE + 1);
  const page = rows.slice(0, PAGE_SIZE);
  return { boxes: page.map(viewBox), next_cursor: rows.length > PAGE_SIZE ? cursorAfter(page.at(-1)) : null };
}

function conditions(filter: BoxFilter): (SQL | undefined)[] {
  return [
    filter.status && eq(boxes.status, filter.status),
    filter.cluster && eq(boxes.clusterId, filter.cluster),
    filter.email && eq(customers.email, filter.email.toLowerCase()),
    filter.q && matches(filter.q),
    filter.cursor && after(filter.cursor),
  ].filter((condition) => typeof condition === "object");
}

function matches(q: string): SQL | undefined {
  const literal = q.replace(/[\\%_]/g, "\\$&");
  return or(
    ilike(customers.email, `%${literal}%`),
    ilike(boxes.telegramBotUsername, `%${literal}%`),
    ilike(sql`${boxes.id}::text`, `${literal.replace(/^customer-/, "")}%`),
  );
}

function after(cursor: string): SQL {
  const [createdAt, id] = decodeCursor(cursor, FORMS);
  return sql`(${createdMs}, ${boxes.id}) < (${createdAt}::timestamptz, ${id}::uuid)`;
}

const cursorAfter = (row: BoxRow | undefined): string | null =>
  row ? encodeCursor([row.box.createdAt.toISOString(), row.box.id]) : null;
