/** What a request must have, and must not ask for, before anything is held for it. */
import type { Endpoint } from "../models/endpoint.ts";
import { invalidField } from "./proxy-error.ts";
import { isRecord } from "./read-body.ts";

/** Throws `invalid_request`. */
export function checkCall(endpoint: Endpoint, json: Record<string, unknown>): void {
  if (json.stream != null && typeof json.stream !== "boolean") throw invalidField("stream", "must be true or false");
  if (json.n != null && json.n !== 1) throw invalidField("n", "must be 1: one answer a request");
  const isChat = endpoint === "chat/completions" || endpoint === "messages";
  if (isChat) checkFilled("messages", json.messages, false);
  else checkFilled("input", json.input, true);
  if (endpoint === "responses") checkStateless(json);
  if (endpoint === "embeddings" && json.stream === true) throw invalidField("stream", "is not there for embeddings");
}

function checkFilled(field: string, value: unknown, orText: boolean): void {
  if (Array.isArray(value) && value.length > 0) return;
  if (orText && typeof value === "string" && value !== "") return;
  throw invalidField(field, orText ? "must be a text or a non-empty array" : "must be a non-empty array");
}

/** All customers share the platform's account: what one of them stores there, another could name. */
const STATEFUL = ["previous_response_id", "conversation", "prompt"] as const;
/** Tools that run here or at the customer's; any other runs at the provider's, at a price we don't meter. */
const OWN_TOOLS: ReadonlySet<unknown> = new Set(["function", "custom"]);

function checkStateless(json: Record<string, unknown>): void {
  for (const field of STATEFUL) {
    if (json[field] != null) throw invalidField(field, "is not supported: send the whole input, nothing is stored");
  }
  if (json.background === true) throw invalidField("background", "is not supported: stream the answer instead");
  const input = Array.isArray(json.input) ? json.input : [];
  if (input.some((item) => isRecord(item) && item.type === "item_reference")) {
    throw invalidField("input", "may not refer to stored items: nothing is stored");
  }
  const tools = Array.isArray(json.tools) ? json.tools : [];
  if (!tools.every((tool) => isRecord(tool) && OWN_TOOLS.has(tool.type))) {
    throw invalidField("tools", "may be of type function or custom");
  }
}
