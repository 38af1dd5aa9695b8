import type { Endpoint } from "../../models/endpoint.ts";

/** The API that a client speaks, and that it is answered in. OpenAI's two differ in their streams and their usage. */
export type Dialect = "openai" | "responses" | "anthropic";

export const DIALECTS = {
  "chat/completions": "openai",
  responses: "responses",
  embeddings: "openai",
  messages: "anthropic",
} as const satisfies Record<Endpoint, Dialect>;

const ANTHROPIC_PATH = /^(\/coding)?\/v1\/messages(\/|$)/;

/** By the path; on a path that both vendors have, or nobody, by the header that only Anthropic's clients send. */
export function dialectOf(path: string, headers: Headers): Dialect {
  if (ANTHROPIC_PATH.test(path)) return "anthropic";
  if (path === "/v1/responses") return "responses";
  return !path.startsWith("/v1/chat/") && headers.has("anthropic-version") ? "anthropic" : "openai";
}
