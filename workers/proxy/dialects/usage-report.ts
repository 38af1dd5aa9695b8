/** What a provider says of the tokens it used, in either vendor's shape. */

import { isRecord } from "../read-body.ts";
import type { Dialect } from "./dialect.ts";

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
  switch (dialect) {
    case "openai":
      return openaiUsage(json);
    case "responses":
      return responsesUsage(json);
    case "anthropic":
      return anthropicUsage(json);
    default:
      return dialect satisfies never;
  }
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
  // Embeddings have no output, and do not say so.
  const output = usage.completion_tokens ?? (json.object === "list" ? 0 : undefined);
  return finalReport(usage.prompt_tokens, details.cached_tokens ?? usage.cached_tokens ?? 0, output);
}

/** `usage` of the whole answer, or of the one inside the closing event. */
function responsesUsage(json: Record<string, unknown>): UsageReport | undefined {
  const { usage } = isRecord(json.response) ? json.response : json;
  if (!isRecord(usage)) return undefined;
  const details = isRecord(usage.input_tokens_details) ? usage.input_tokens_details : {};
  return finalReport(usage.input_tokens, details.cached_tokens ?? 0, usage.output_tokens);
}

/** Where one report says all, and what was cached is part of the input. */
function finalReport(inputTokens: unknown, cachedTokens: unknown, outputTokens: unknown): UsageReport {
  const [input, cached, output] = [count(inputTokens), count(cachedTokens), count(outputTokens)];
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
