/** A model request as it came, checked. How it goes on to the provider: upstream-body.ts. */

import type { Endpoint } from "../models/endpoint.ts";
import type { ModelRoute, ModelRow, ModelTable } from "../models/model-table.ts";
import { checkCall } from "./check-call.ts";
import { DIALECTS, type Dialect } from "./dialects/dialect.ts";
import { findModel, routesFor } from "./find-model.ts";
import { type PromptSize, promptSize } from "./prompt-size.ts";
import { invalidField } from "./proxy-error.ts";
import { isRecord, type RequestBody } from "./read-body.ts";

export interface ModelCall extends PromptSize {
  endpoint: Endpoint;
  dialect: Dialect;
  model: ModelRow;
  /** Who may be asked, in this order. */
  routes: readonly ModelRoute[];
  stream: boolean;
  /** False where an OpenAI client streams without asking for usage: then the provider's extra event is left out. */
  wantsUsage: boolean;
  /** Null where the request names no bound. */
  maxOutput: number | null;
  body: Record<string, unknown>;
}

const OUTPUT_FIELDS = {
  "chat/completions": ["max_completion_tokens", "max_tokens"],
  responses: ["max_output_tokens"],
  messages: ["max_tokens"],
} as const;

/** Throws ProxyError for what can't be served. What we need not understand is left to the provider. */
export function readModelCall(table: ModelTable, endpoint: Endpoint, { json, bytes }: RequestBody): ModelCall {
  const model = findModel(table, json.model);
  const routes = routesFor(model, endpoint);
  checkCall(endpoint, json);
  const wantsUsage = isRecord(json.stream_options) && json.stream_options.include_usage === true;
  return {
    endpoint,
    dialect: DIALECTS[endpoint],
    model,
    routes,
    stream: json.stream === true,
    wantsUsage,
    maxOutput: endpoint === "embeddings" ? 0 : readMaxOutput(endpoint, json),
    body: json,
    ...promptSize(json, bytes),
  };
}

function readMaxOutput(endpoint: keyof typeof OUTPUT_FIELDS, json: Record<string, unknown>): number | null {
  for (const field of OUTPUT_FIELDS[endpoint]) {
    const value = json[field];
    if (value == null) continue;
    if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 1) {
      throw invalidField(field, "must be a whole number of at least 1");
    }
    return value;
  }
  if (endpoint === "messages") throw invalidField("max_tokens", "is required");
  return null;
}
