import { sql } from "drizzle-orm";
import type { UsageEvent } from "../../contracts/meter.ts";
import type { Database } from "../../integrations/database.ts";

/**
 * Writes events to the ledger and adds the new ones to their period's sum, in one statement. An event that is
 * in the ledger already changes nothing, so a batch may be repeated, whole or in part.
 * The order by time and id keeps overlapping batches from deadlocking.
 */
export async function recordUsage(db: Database, events: readonly UsageEvent[]): Promise<void> {
  if (events.length === 0) return;
  await db.execute(sql`
    with incoming as (
      select distinct on (id) * from json_to_recordset(${JSON.stringify(events.map(toRow))}::json) as e(
        id uuid, corrects uuid, occurred_at timestamptz, customer_id uuid, token_id uuid, box_id uuid,
        period_start timestamptz, period_end timestamptz, model text,
        input_tokens int, cached_input_tokens int, output_tokens int, estimated boolean, outcome text)
    ), inserted as (
      insert into usage_events (id, corrects, occurred_at, customer_id, token_id, box_id, period_start, model,
        input_tokens, cached_input_tokens, output_tokens, estimated, outcome)
      select id, corrects, occurred_at, customer_id, token_id, box_id, period_start, model,
        input_tokens, cached_input_tokens, output_tokens, estimated, outcome
      from incoming order by occurred_at, id
      on conflict do nothing
      returning id, corrects, customer_id, period_start, input_tokens, cached_input_tokens, output_tokens
    )
    insert into usage_monthly as kept
      (customer_id, period_start, period_end, requests, input_tokens, cached_input_tokens, output_tokens)
    select inserted.customer_id, inserted.period_start, max(incoming.period_end),
      count(*) filter (where inserted.corrects is null),
      sum(inserted.input_tokens), sum(inserted.cached_input_tokens), sum(inserted.output_tokens)
    from inserted join incoming on incoming.id = inserted.id
    group by inserted.customer_id, inserted.period_start
    order by inserted.customer_id, inserted.period_start
    on conflict (customer_id, period_start) do update set
      period_end = excluded.period_end,
      requests = kept.requests + excluded.requests,
      input_tokens = kept.input_tokens + excluded.input_tokens,
      cached_input_tokens = kept.cached_input_tokens + excluded.cached_input_tokens,
      output_tokens = kept.output_tokens + excluded.output_tokens,
      updated_at = now()`);
}

function toRow(event: UsageEvent) {
  const time = (at: number): string => new Date(at).toISOString();
  return {
    id: event.id,
    corrects: event.corrects ?? null,
    occurred_at: time(event.occurredAt),
    customer_id: event.customerId,
    token_id: event.tokenId,
    box_id: event.boxId,
    period_start: time(event.periodStart),
    period_end: time(event.periodEnd),
    model: event.model,
    input_tokens: event.inputTokens,
    cached_input_tokens: event.cachedInputTokens,
    output_tokens: event.outputTokens,
    estimated: event.estimated,
    outcome: event.outcome,
  };
}
