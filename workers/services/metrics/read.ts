import * as z from "zod";
import type { Metrics } from "#schema/contracts/metrics.ts";
import type { Call } from "../../context.ts";
import { createAnalytics } from "../../integrations/analytics.ts";
import { COLUMNS, DATASET } from "./data-point.ts";

const MOST_ROWS = 500;

/** Numbers may be text: 64-bit ones always are. */
const number = z.coerce.number();
const Row = z.object({
  model: z.string(),
  outcome: z.string(),
  reason: z.string(),
  provider: z.string(),
  requests: number,
  input_tokens: number,
  cached_input_tokens: number,
  output_tokens: number,
  estimated: number,
  first_byte_p50_ms: number,
  first_byte_p99_ms: number,
});

/** The proxy's requests of the last hours by model, outcome and reason. Throws `upstream_unavailable`. */
export async function readMetrics(call: Call<{ hours: number }>): Promise<Metrics> {
  const { hours } = call.input;
  const analytics = createAnalytics(call.ctx.config);
  if (!analytics) {
    const detail = "Set CF_ACCOUNT_ID and CF_API_TOKEN (Account Analytics: Read) to read metrics.";
    return { configured: false, detail, hours, rows: [] };
  }
  const rows = await analytics.query(metricsQuery(hours));
  return { configured: true, detail: null, hours, rows: rows.map((row) => Row.parse(row)) };
}

/** Each stored point stands for `_sample_interval` requests. */
export function metricsQuery(hours: number): string {
  const c = COLUMNS;
  const sum = (column: string, name: string): string => `SUM(_sample_interval * ${column}) AS ${name}`;
  const quantile = (q: number, name: string): string =>
    `quantileExactWeighted(${q})(${c.firstByteMs}, _sample_interval) AS ${name}`;
  const columns = [
    `${c.model} AS model`,
    `${c.outcome} AS outcome`,
    `${c.reason} AS reason`,
    `${c.provider} AS provider`,
    "SUM(_sample_interval) AS requests",
    sum(c.inputTokens, "input_tokens"),
    sum(c.cachedInputTokens, "cached_input_tokens"),
    sum(c.outputTokens, "output_tokens"),
    sum(c.estimated, "estimated"),
    quantile(0.5, "first_byte_p50_ms"),
    quantile(0.99, "first_byte_p99_ms"),
  ];
  return [
    `SELECT ${columns.join(", ")}`,
    `FROM ${DATASET}`,
    `WHERE timestamp > NOW() - INTERVAL '${Math.floor(hours)}' HOUR`,
    "GROUP BY model, outcome, reason, provider",
    "ORDER BY requests DESC",
    `LIMIT ${MOST_ROWS} FORMAT JSON`,
  ].join(" ");
}
