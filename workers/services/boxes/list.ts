import { and, eq, ilike, ne, or, type SQL, sql } from "drizzle-orm";
import type { BoxList } from "#schema/contracts/internal.ts";
import { boxes, boxHealth, customers } from "#schema/db/schema.ts";
import type { HealthState } from "#schema/domain/health.ts";
import type { BoxStatus } from "#schema/domain/states.ts";
import type { Call } from "../../context.ts";
import { customerBy } from "../customers/customer-by.ts";
import { cursorOf, newestFirst, PAGE_SIZE } from "../newest-first.ts";
import { selectBoxes, viewBox } from "./view-box.ts";

export interface BoxFilter {
  status?: BoxStatus | undefined;
  health?: HealthState | undefined;
  /** False: without those that are destroyed. */
  destroyed?: boolean | undefined;
  cluster?: string | undefined;
  email?: string | undefined;
  /** Part of an email, a bot's name or the start of a box's id. */
  q?: string | undefined;
  cursor?: string | undefined;
}

const { order, after } = newestFirst(boxes);

/** Newest first. */
export async function listBoxes({ ctx, input }: Call<BoxFilter>): Promise<BoxList> {
  const rows = await selectBoxes(ctx)
    .where(and(...conditions(input)))
    .orderBy(...order)
    .limit(PAGE_SIZE + 1);
  const page = rows.slice(0, PAGE_SIZE);
  const last = page.at(-1);
  return { boxes: page.map(viewBox), next_cursor: rows.length > PAGE_SIZE && last ? cursorOf(last.box) : null };
}

function conditions(filter: BoxFilter): (SQL | undefined)[] {
  return [
    filter.status && eq(boxes.status, filter.status),
    filter.health && eq(boxHealth.state, filter.health),
    filter.destroyed === false && ne(boxes.status, "destroyed"),
    filter.cluster && eq(boxes.clusterId, filter.cluster),
    filter.email && eq(boxes.customerId, customerBy("email", filter.email)),
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
