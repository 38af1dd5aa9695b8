/** The calls that reach a provider, by their path below `/v1`. */
export const ENDPOINTS = ["chat/completions", "responses", "embeddings", "messages"] as const;
export type Endpoint = (typeof ENDPOINTS)[number];

/** OpenAI's and Anthropic's families: a provider serves all endpoints of a family below one address. */
export const FAMILIES = {
  "chat/completions": "openai",
  responses: "openai",
  embeddings: "openai",
  messages: "anthropic",
} as const satisfies Record<Endpoint, "openai" | "anthropic">;
