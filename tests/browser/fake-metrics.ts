import type { Hono } from "hono";
import { type Metrics, MetricsQuery, type MetricsRow } from "#schema/contracts/metrics.ts";

export const metricsRow = (over: Partial<MetricsRow> = {}): MetricsRow => ({
  model: "kimi-coding/k2p5",
  outcome: "completed",
  reason: "",
  provider: "moonshot",
  requests: 12_345,
  input_tokens: 190_000_000,
  cached_input_tokens: 150_000_000,
  output_tokens: 4_200_000,
  estimated: 12,
  first_byte_p50_ms: 640,
  first_byte_p99_ms: 2_900,
  ...over,
});

/** What the edge would read from its metrics; undefined where it may read none. */
export class FakeMetrics {
  rows: MetricsRow[] | undefined = [];
  /** The spans that were requested. */
  readonly hours: number[] = [];
}

/** `/internal/metrics` as the contract says. */
export function metricsRoutes(app: Hono, metrics: FakeMetrics): void {
  app.get("/internal/metrics", (c) => {
    const { hours } = MetricsQuery.parse(c.req.query());
    metrics.hours.push(hours);
    const answer: Metrics = metrics.rows
      ? { configured: true, detail: null, hours, rows: metrics.rows }
      : { configured: false, detail: "Set CF_ACCOUNT_ID and CF_API_TOKEN.", hours, rows: [] };
    return c.json(answer);
  });
}
