/** What a provider says of the tokens it used, in either vendor's shape. */
import type { Dialect } from "./dialect.ts";
import { isRecord } from "./read-body.ts";

/** Anthropic tells its figures in parts; the last word on each counts, nothing is ever added up. */
export interface UsageReport {
  input?: number;
  cached?: number;
  output?: number;
  /** A figure was negative, fractional, text, or beyond any model: the report can't be trusted. */
  absurd?: boolean;
  /** No more is to come: OpenAI's one report, or Anthropic's closing one. */
  final?: boolean;
}

/** More than any model takes in or gives out in one request. */
const MAX_TOKENS = 10_000_000;

/** The report in one event's (or one whole answer's) JSON, if it holds one. */
export function readUsage(dialect: Dialect, json: unknown): UsageReport | undefined {
  if (!isRecord(json)) return undefined;
  return dialect === "anthropic" ? anthropicUsage(json) : openaiUsage(json);
}

export function mergeUsage(known: UsageReport | undefined, next: UsageReport | undefined): UsageReport | undefined {
  return next ? { ...known, ...next } : known;
}

/** `usage` beside `choices`, or inside the last choice as Moonshot does. */
function openaiUsage(json: Record<string, unknown>): UsageReport | undefined {
  const [choice] = Array.isArray(json.choices) ? json.choices : [];
  const usage = isRecord(json.usage) ? json.usage : isRecord(choice) ? choice.usage : undefined;
  if (!isRecord(usage)) return undefined;
  const details = isRecord(usage.prompt_tokens_details) ? usage.prompt_tokens_details : {};
  const input = count(usage.prompt_tokens);
  const output = count(usage.completion_tokens);
  // Part of the prompt's tokens here.
  const cached = count(details.cached_tokens ?? usage.cached_tokens ?? 0);
  if (input === undefined || output === undefined || cached === undefined) return { absurd: true, final: true };
  return { input, cached, output, absurd: false, final: true };
}

function anthropicUsage(json: Record<string, unknown>): UsageReport | undefined {
  const message = isRecord(json.message) ? json.message : json;
  const { usage } = message;
  const final = json.type !== "message_start";
  if (!isRecord(usage)) return undefined;
  const report: UsageReport = { final };
  if (usage.output_tokens != null) report.output = count(usage.output_tokens) ?? Number.NaN;
  if (usage.input_tokens != null) Object.assign(report, anthropicInput(usage));
  if ([report.input, report.cached, report.output].some(Number.isNaN)) return { absurd: true, final };
  return report;
}

/** Here `input_tokens` leaves out what was read from or written to the cache. */
function anthropicInput(usage: Record<string, unknown>): Pick<UsageReport, "input" | "cached"> {
  const fresh = count(usage.input_tokens) ?? Number.NaN;
  const cached = count(usage.cache_read_input_tokens ?? 0) ?? Number.NaN;
  const written = count(usage.cache_creation_input_tokens ?? 0) ?? Number.NaN;
  return { input: fresh + cached + written, cached };
}

const count = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= MAX_TOKENS ? value : undefined;
