/** A model request as it came, checked, and how it goes on to the provider. */
import type { Dialect } from "./dialect.ts";
import { findModel, type ModelRow } from "./model-table.ts";
import { type PromptSize, promptSize } from "./prompt-size.ts";
import { ProxyError } from "./proxy-error.ts";
import { isRecord, type RequestBody } from "./read-body.ts";

export interface ModelCall extends PromptSize {
  dialect: Dialect;
  model: ModelRow;
  stream: boolean;
  /** False where an OpenAI client streams without asking for usage: then the provider's extra event is left out. */
  wantsUsage: boolean;
  /** Null where the request names no bound. */
  maxOutput: number | null;
  body: Record<string, unknown>;
}

const OUTPUT_FIELDS = { openai: ["max_completion_tokens", "max_tokens"], anthropic: ["max_tokens"] } as const;

/** Throws `invalid_request` or `model_not_found`. What we need not understand is left to the provider. */
export function readModelCall(dialect: Dialect, { json, bytes }: RequestBody): ModelCall {
  const model = findModel(json.model);
  if (!Array.isArray(json.messages) || json.messages.length === 0)
    throw invalid("messages", "must be a non-empty array");
  if (json.stream != null && typeof json.stream !== "boolean") throw invalid("stream", "must be true or false");
  if (json.n != null && json.n !== 1) throw invalid("n", "must be 1: one answer a request");
  const maxOutput = readMaxOutput(dialect, json);
  if (dialect === "anthropic" && maxOutput === null) throw invalid("max_tokens", "is required");
  const wantsUsage = isRecord(json.stream_options) && json.stream_options.include_usage === true;
  const stream = json.stream === true;
  return { dialect, model, stream, wantsUsage, maxOutput, body: json, ...promptSize(json, bytes) };
}

function readMaxOutput(dialect: Dialect, json: Record<string, unknown>): number | null {
  for (const field of OUTPUT_FIELDS[dialect]) {
    const value = json[field];
    if (value == null) continue;
    if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 1) {
      throw invalid(field, "must be a whole number of at least 1");
    }
    return value;
  }
  return null;
}

/** The body for the provider: its model name, the output bound that was granted, and usage always asked for. */
export function upstreamBody({ dialect, body, model, stream }: ModelCall, maxOutputTokens: number): string {
  const next: Record<string, unknown> = { ...body, model: model.upstreamId };
  if (dialect === "anthropic") {
    next.max_tokens = maxOutputTokens;
    next.thinking = fittingThinking(body.thinking, maxOutputTokens);
    return JSON.stringify(next);
  }
  const field = body.max_completion_tokens == null ? "max_tokens" : "max_completion_tokens";
  delete next.max_tokens;
  delete next.max_completion_tokens;
  next[field] = maxOutputTokens;
  delete next.stream_options;
  if (stream) {
    next.stream_options = { ...(isRecord(body.stream_options) && body.stream_options), include_usage: true };
  }
  return JSON.stringify(next);
}

/** Anthropic wants 1,024 ≤ budget < max_tokens: a smaller grant takes from the thinking first. */
function fittingThinking(thinking: unknown, maxOutputTokens: number): unknown {
  if (!isRecord(thinking) || typeof thinking.budget_tokens !== "number") return thinking;
  if (thinking.budget_tokens < maxOutputTokens) return thinking;
  return maxOutputTokens > 1_024 ? { ...thinking, budget_tokens: maxOutputTokens - 1 } : undefined;
}

const invalid = (field: string, problem: string): ProxyError =>
  new ProxyError("invalid_request", `${field} ${problem}`, { param: field });
