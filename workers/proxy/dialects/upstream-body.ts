import type { ModelCall } from "../model-call.ts";
import { isRecord } from "../read-body.ts";

/**
 * The body for a provider: its own model name, the output bound that was granted, and usage always asked for. Written
 * anew from what was checked, so that a key that came twice means the same to the provider as to us.
 */
export function upstreamBody(call: ModelCall, upstreamId: string, maxOutputTokens: number): string {
  const next: Record<string, unknown> = { ...call.body, model: upstreamId };
  switch (call.endpoint) {
    case "chat/completions":
      boundChat(next, call, maxOutputTokens);
      break;
    case "messages":
      next.max_tokens = maxOutputTokens;
      next.thinking = fittingThinking(call.body.thinking, maxOutputTokens);
      break;
    case "responses":
      next.max_output_tokens = maxOutputTokens;
      next.store = false;
      break;
    case "embeddings":
      break;
    default:
      call.endpoint satisfies never;
  }
  return JSON.stringify(next);
}

function boundChat(next: Record<string, unknown>, { body, stream }: ModelCall, maxOutputTokens: number): void {
  const field = body.max_completion_tokens == null ? "max_tokens" : "max_completion_tokens";
  delete next.max_tokens;
  delete next.max_completion_tokens;
  next[field] = maxOutputTokens;
  delete next.stream_options;
  if (!stream) return;
  next.stream_options = { ...(isRecord(body.stream_options) && body.stream_options), include_usage: true };
}

/** Anthropic wants 1,024 ≤ budget < max_tokens: a smaller grant takes from the thinking first. */
function fittingThinking(thinking: unknown, maxOutputTokens: number): unknown {
  if (!isRecord(thinking) || typeof thinking.budget_tokens !== "number") return thinking;
  if (thinking.budget_tokens < maxOutputTokens) return thinking;
  return maxOutputTokens > 1_024 ? { ...thinking, budget_tokens: maxOutputTokens - 1 } : undefined;
}
