/** The outages of the models' providers: each begins with one alert, and its end is told. */
import { sql } from "drizzle-orm";
import * as z from "zod";
import { modelOutages } from "#schema/db/schema.ts";
import { MODEL_FAILURES, type ModelFailure, passesByItself } from "#schema/domain/reasons/model.ts";
import type { Ctx } from "../../context.ts";
import { createLog, type LogFields } from "../../log.ts";
import { listed, moment } from "../sql.ts";

/** What passes by itself comes back as easily: such an outage ends with an answer so long after its last failure. */
export const CALM_MS = 60_000;

type Write = (line: string) => void;

/** A provider gave no answer. The first such failure is an alert: a line of level `error` whose kind is the reason. */
export async function recordFailure(ctx: Ctx, provider: string, reason: ModelFailure, write?: Write): Promise<void> {
  const now = moment(ctx.now());
  const { rows } = await ctx.db.execute(sql`insert into model_outages (provider, reason, since, last_failed_at)
    values (${provider}, ${reason}, ${now}, ${now})
    on conflict (provider, reason) do update set last_failed_at = greatest(model_outages.last_failed_at, excluded.last_failed_at)
    returning xmax = 0 as first`);
  if (rows[0]?.first) tell(ctx, reason, { provider }, "error", write);
}

const Ended = z.object({ reason: z.enum(MODEL_FAILURES), seconds: z.coerce.number() });
const PASSING = listed(MODEL_FAILURES.filter(passesByItself).map((reason) => sql`${reason}`));

/** A provider has answered: ends its outages, and says so in a line of kind `model_answers_again`. */
export async function recordAnswer(ctx: Ctx, provider: string, write?: Write): Promise<void> {
  const calm = moment(new Date(ctx.now().getTime() - CALM_MS));
  const { rows } = await ctx.db.execute(sql`delete from model_outages
    where provider = ${provider} and (reason not in (${PASSING}) or last_failed_at <= ${calm})
    returning reason, extract(epoch from ${moment(ctx.now())} - since) as seconds`);
  for (const row of rows) {
    const { reason, seconds } = Ended.parse(row);
    tell(ctx, "model_answers_again", { provider, reason, outage_seconds: Math.round(seconds) }, "info", write);
  }
}

/** The outages that are open now, the oldest first. */
export const openOutages = (ctx: Ctx) => ctx.db.select().from(modelOutages).orderBy(modelOutages.since);

function tell(ctx: Ctx, kind: string, fields: LogFields, level: "info" | "error", write?: Write): void {
  const log = createLog(kind, ctx.requestId, write);
  log.set(fields);
  log.emit(level);
}
