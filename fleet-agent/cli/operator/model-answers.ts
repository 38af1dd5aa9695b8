import { EdgeError } from "#cluster/system/call-edge.ts";
import { Metrics, type MetricsRow } from "#schema/contracts/metrics.ts";
import { edgeWords } from "./edge-words.ts";
import type { OperatorClient } from "./operator-client.ts";

/** Whether boxes get answers from their models. */
export interface ModelAnswers {
  state: "ok" | "warn" | "fail" | "unknown";
  words: string;
}

/** From this share of failures on, customers notice. */
const FAILS_FROM = 0.1;

/** Of the last hour. `unknown` where this key or this edge can't read it. */
export async function modelAnswers(operator: OperatorClient): Promise<ModelAnswers> {
  try {
    return judgeAnswers(await operator.get("/internal/metrics", Metrics, { hours: "1" }));
  } catch (error) {
    if (error instanceof EdgeError) return { state: "unknown", words: edgeWords(error) };
    throw error;
  }
}

/** Pure. A refused key or an empty account warns at once: it does not pass by itself. */
export function judgeAnswers({ configured, detail, rows }: Metrics): ModelAnswers {
  if (!configured) return { state: "unknown", words: detail ?? "this edge keeps no metrics" };
  const failures = rows.filter(({ outcome }) => outcome === "upstream_error");
  // What we refused ourselves was never asked.
  const asked = sum(rows.filter(({ outcome }) => outcome !== "refused"));
  const failed = sum(failures);
  if (failed === 0) return { state: "ok", words: `${asked} requests in the last hour, none failed at its provider` };
  const words = `${failed} of ${asked} requests in the last hour failed at their provider: ${reasonsText(failures)}`;
  if (failed / asked >= FAILS_FROM) return { state: "fail", words };
  return { state: failures.some(({ reason }) => reason === "upstream_refused") ? "warn" : "ok", words };
}

const sum = (rows: readonly MetricsRow[]): number => Math.round(rows.reduce((all, { requests }) => all + requests, 0));

const REASONS: Readonly<Record<string, string>> = {
  upstream_refused: "it refuses our key, our account or the model",
  upstream_failed: "it fails or can't be reached",
  upstream_busy: "it is too busy",
  upstream_timeout: "it does not answer in time",
};

/** `it is too busy (12, kimi), …`, the most frequent first. */
const reasonsText = (failures: readonly MetricsRow[]): string =>
  [...failures]
    .sort((a, b) => b.requests - a.requests)
    .map(({ reason, requests, model }) => `${REASONS[reason] ?? reason} (${Math.round(requests)}, ${model})`)
    .join("; ");
