import { type SQL, sql } from "drizzle-orm";
import type { UsageGroup, UsageQuery, UsageReport, UsageRow } from "#schema/contracts/usage.ts";
import type { Ctx } from "../../context.ts";

const PAGE_ROWS = 1_000;

/** Each group's column; also the order of the rows. */
const KEYS: Record<UsageGroup, SQL> = {
  customer: sql`customer_id::text`,
  day: sql`to_char(occurred_at at time zone 'UTC', 'YYYY-MM-DD')`,
  model: sql`model`,
};

/** The ledger's sums of whole days. */
export async function reportUsage({
  ctx,
  input,
}: {
  ctx: Pick<Ctx, "db">;
  input: Pick<UsageQuery, "from" | "to" | "cursor"> & {
    customerId?: string | undefined;
    groupBy: UsageQuery["group_by"];
  };
}): Promise<UsageReport> {
  const key = (group: UsageGroup): SQL => (input.groupBy.includes(group) ? KEYS[group] : sql`''`);
  const { rows } = await ctx.db.execute(sql`
    select * from (
      select ${key("customer")} collate "C" as customer, ${key("day")} collate "C" as day, ${key("model")} collate "C" as model,
        count(*) filter (where corrects is null) as requests,
        count(*) filter (where corrects is null and estimated) as estimated_requests,
        sum(input_tokens) as input_tokens, sum(cached_input_tokens) as cached_input_tokens,
        sum(output_tokens) as output_tokens
      from usage_events
      where occurred_at >= ${input.from}::date::timestamp at time zone 'UTC'
        and occurred_at < ${input.to}::date::timestamp at time zone 'UTC'
        ${input.customerId ? sql`and customer_id = ${input.customerId}::uuid` : sql``}
      group by 1, 2, 3
    ) as sums
    ${input.cursor ? after(input.cursor) : sql``}
    order by customer, day, model limit ${PAGE_ROWS + 1}`);
  const page = rows.slice(0, PAGE_ROWS);
  const last = rows.length > PAGE_ROWS ? page.at(-1) : undefined;
  return {
    from: input.from,
    to: input.to,
    rows: page.map(toRow),
    next_cursor: last ? `${last.customer}_${last.day}_${last.model}` : null,
  };
}

function after(cursor: string): SQL {
  const [customer, day, ...model] = cursor.split("_");
  return sql`where (customer, day, model) > (${customer}::text, ${day}::text, ${model.join("_")}::text)`;
}

function toRow(row: Record<string, unknown>): UsageRow {
  const name = (value: unknown): string | null => (value === "" ? null : String(value));
  const [input, output] = [Number(row.input_tokens), Number(row.output_tokens)];
  return {
    customer_id: name(row.customer),
    day: name(row.day),
    model: name(row.model),
    requests: Number(row.requests),
    estimated_requests: Number(row.estimated_requests),
    input_tokens: input,
    cached_input_tokens: Number(row.cached_input_tokens),
    output_tokens: output,
    total_tokens: input + output,
  };
}
