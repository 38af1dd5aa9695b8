/** The token proxy's metrics in words and sums. */
import type { MetricsRow } from "#schema/contracts/metrics.ts";
import type { Tone } from "../ui/badge.tsx";

/** Unknown outcomes are shown as they are. */
export const OUTCOME_TONES: Readonly<Record<string, Tone>> = {
  completed: "good",
  client_closed: "plain",
  limit_reached: "warn",
  cut_off: "warn",
  refused: "warn",
  upstream_error: "bad",
  failed: "bad",
};

const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
export const countWords = (count: number): string => compact.format(count);

/** A refused request never reached a provider, so it has no first byte. */
export function msWords(ms: number): string {
  if (ms <= 0) return "–";
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}

const sum = (rows: readonly MetricsRow[], of: (row: MetricsRow) => number): number =>
  rows.reduce((total, row) => total + of(row), 0);
const share = (part: number, whole: number): string =>
  whole === 0 ? "0 %" : `${((part / whole) * 100).toFixed(1)} % of requests`;

export function totalsOf(rows: readonly MetricsRow[]) {
  const requests = sum(rows, (row) => row.requests);
  const of = (...outcomes: string[]): number =>
    sum(
      rows.filter((row) => outcomes.includes(row.outcome)),
      (row) => row.requests,
    );
  const input = sum(rows, (row) => row.input_tokens);
  const output = sum(rows, (row) => row.output_tokens);
  const failed = of("upstream_error", "failed");
  const estimated = sum(rows, (row) => row.estimated);
  return [
    { name: "Requests", value: countWords(requests), note: `${countWords(estimated)} booked by estimate` },
    { name: "Tokens", value: countWords(input + output), note: `${countWords(output)} of them output` },
    { name: "Refused", value: countWords(of("refused")), note: share(of("refused"), requests) },
    { name: "Failed", value: countWords(failed), note: share(failed, requests) },
  ];
}
