import { EdgeError } from "#cluster/system/call-edge.ts";
import type { ModelOutage } from "#schema/contracts/fleet-status.ts";
import { Metrics, type MetricsRow } from "#schema/contracts/metrics.ts";
import { REASONS, toReasonCode } from "#schema/domain/reasons/catalogue.ts";
import { MODEL_FAILURES, passesByItself } from "#schema/domain/reasons/model.ts";
import { age } from "../commands/age.ts";
import { edgeWords } from "./edge-words.ts";
import type { OperatorClient } from "./operator-client.ts";

/** Whether boxes get answers from their models. */
export interface ModelAnswers {
  state: "ok" | "warn" | "fail" | "unknown";
  words: string;
}

/** What does not pass by itself. */
const LASTING: readonly string[] = [
  "upstream_refused",
  ...MODEL_FAILURES.filter((failure) => !passesByItself(failure)),
];

/** From this share of failures on, customers notice. */
const FAILS_FROM = 0.1;

/** The outages that are open, and the last hour's share of failures. `unknown` where neither can be known. */
export async function modelAnswers(operator: OperatorClient, outages: readonly ModelOutage[]): Promise<ModelAnswers> {
  return withOutages(await lastHour(operator), outages, Date.now());
}

async function lastHour(operator: OperatorClient): Promise<ModelAnswers> {
  try {
    return judgeAnswers(await operator.get("/internal/metrics", Metrics, { hours: "1" }));
  } catch (error) {
    if (error instanceof EdgeError) return { state: "unknown", words: edgeWords(error) };
    throw error;
  }
}

/** Pure. An outage counts whatever the metrics say, which come late or not at all. */
export function withOutages(answers: ModelAnswers, outages: readonly ModelOutage[], now: number): ModelAnswers {
  if (outages.length === 0) return answers;
  const told = outages.map(({ provider, reason, since }) => {
    const { means, todo } = REASONS[toReasonCode(reason)];
    return `${provider}, for ${age(since, now)} (${reason}): ${means}. ${todo}.`;
  });
  return { state: "fail", words: [...told, ...(answers.state === "fail" ? [answers.words] : [])].join(" ") };
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
  return { state: failures.some(({ reason }) => LASTING.includes(reason)) ? "warn" : "ok", words };
}

const sum = (rows: readonly MetricsRow[]): number => Math.round(rows.reduce((all, { requests }) => all + requests, 0));

const SHORT: Readonly<Record<string, string>> = {
  model_key_refused: "it refuses our key",
  model_account_empty: "our account is empty",
  model_not_served: "it does not know the model",
  model_busy: "it is too busy",
  model_unavailable: "it fails or can't be reached",
  // Of edges before the reasons.
  upstream_refused: "it refuses our key, our account or the model",
  upstream_failed: "it fails or can't be reached",
  upstream_busy: "it is too busy",
  upstream_timeout: "it does not answer in time",
};

/** `it is too busy (12, kimi), …`, the most frequent first. */
const reasonsText = (failures: readonly MetricsRow[]): string =>
  [...failures]
    .sort((a, b) => b.requests - a.requests)
    .map(({ reason, requests, model }) => `${SHORT[reason] ?? reason} (${Math.round(requests)}, ${model})`)
    .join("; ");
