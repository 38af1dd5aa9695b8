/** The API that a client speaks, and that it is answered in. */
export type Dialect = "openai" | "anthropic";

const ANTHROPIC_PATH = /^(\/coding)?\/v1\/messages(\/|$)/;

/** By the path; on a path that we don't know, by the header that only Anthropic's clients send. */
export function dialectOf(path: string, headers: Headers): Dialect {
  if (ANTHROPIC_PATH.test(path)) return "anthropic";
  return !path.startsWith("/v1/chat/") && headers.has("anthropic-version") ? "anthropic" : "openai";
}
