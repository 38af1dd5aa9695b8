/** Σ usage_events = usage_monthly = the meter: compared for each customer once an hour. A mismatch is an alert. */
import { type SQL, sql } from "drizzle-orm";
import type { Ctx } from "../../context.ts";
import { createLog } from "../../log.ts";
import { sleep } from "../../sleep.ts";
import { eachItem } from "../each-item.ts";
import { moment } from "../sql.ts";

/** Periods compared in one run, any of them; each minute has its own sixtieth of the customers. */
const BATCH = 500;
/** A meter without usage since the last comparison still agrees, and is not woken. */
const ACTIVE = sql`interval '2 hours'`;
/** A batch may be in flight or its answer lost: then the meter writes again, and the two are compared again. */
const COMPARISONS = 3;
const PAUSE_MS = 500;
/** The meter once, and for each further comparison the meter twice and the ledger. */
const COST = 1 + 3 * (COMPARISONS - 1);

type Reads = Pick<Ctx, "db" | "now" | "requestId" | "tally" | "turn">;

interface Sums {
  customerId: string;
  periodStart: Date;
  events: number;
  eventRequests: number;
  monthly: number;
  monthlyRequests: number;
  active: boolean;
}

/** A mismatch, in tokens; the meter's figure is null if it was not asked or does not know the period. */
export interface Mismatch extends Omit<Sums, "active"> {
  meter: number | null;
}

/** Logs one `ledger_mismatch` line at level error for each mismatching period, and returns them. */
export async function reconcileUsage(ctx: Reads): Promise<Mismatch[]> {
  const minute = ctx.now().getUTCMinutes();
  const found: Mismatch[] = [];
  const periods = await readSums(ctx, sql`get_byte(uuid_send(m.customer_id), 15) % 60 = ${minute}`);
  const name = ({ customerId }: Sums) => ({ customer_id: customerId });
  await eachItem(ctx, { items: periods, cost: COST, name }, async (sums) => {
    const mismatch = await check(ctx, sums);
    if (!mismatch) return;
    found.push(mismatch);
    report(ctx, mismatch);
  });
  return found;
}

async function check(ctx: Reads, first: Sums): Promise<Mismatch | undefined> {
  let sums: Sums | undefined = first;
  for (let round = 1; ; round++) {
    const meter = sums.active ? await written(ctx, sums) : null;
    if (agrees(sums, meter)) return undefined;
    if (round === COMPARISONS) {
      const { active: _active, ...rest } = sums;
      return { ...rest, meter };
    }
    await sleep(PAUSE_MS);
    const { customerId, periodStart } = sums;
    if (sums.active) await ctx.tally(customerId, periodStart, { sure: true });
    const one = sql`m.customer_id = ${customerId} and m.period_start = ${moment(periodStart)}`;
    [sums] = await readSums(ctx, one);
    if (!sums) return undefined;
  }
}

const agrees = ({ events, eventRequests, monthly, monthlyRequests }: Sums, meter: number | null): boolean =>
  events === monthly && eventRequests === monthlyRequests && (meter === null || meter === monthly);

/** What the meter has delivered to the ledger. */
async function written(ctx: Reads, { customerId, periodStart }: Sums): Promise<number | null> {
  const tally = await ctx.tally(customerId, periodStart);
  return tally && tally.settled - tally.unwritten;
}

async function readSums({ db, now }: Reads, which: SQL): Promise<Sums[]> {
  const { rows } = await db.execute(sql`
    select m.customer_id, m.period_start, m.requests as monthly_requests,
      m.input_tokens + m.output_tokens as monthly, e.tokens as events, e.requests as event_requests,
      m.updated_at > ${moment(now())} - ${ACTIVE} as active
    from usage_monthly m cross join lateral (
      select coalesce(sum(input_tokens::bigint + output_tokens), 0) as tokens,
        count(*) filter (where corrects is null) as requests
      from usage_events
      where customer_id = m.customer_id and period_start = m.period_start and occurred_at >= m.period_start
    ) e
    where m.period_end > ${moment(now())} - interval '7 days' and ${which}
    order by random() limit ${BATCH}`);
  return rows.map((row) => ({
    customerId: String(row.customer_id),
    periodStart: new Date(String(row.period_start)),
    events: Number(row.events),
    eventRequests: Number(row.event_requests),
    monthly: Number(row.monthly),
    monthlyRequests: Number(row.monthly_requests),
    active: row.active === true,
  }));
}

function report({ requestId }: Reads, mismatch: Mismatch): void {
  const log = createLog("ledger_mismatch", requestId);
  log.set({
    customer_id: mismatch.customerId,
    period_start: mismatch.periodStart.toISOString(),
    events_tokens: mismatch.events,
    monthly_tokens: mismatch.monthly,
    events_requests: mismatch.eventRequests,
    monthly_requests: mismatch.monthlyRequests,
    ...(mismatch.meter !== null && { meter_tokens: mismatch.meter }),
  });
  log.emit("error");
}
