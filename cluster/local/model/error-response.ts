/** Moonshot's names on its OpenAI side (platform.moonshot.ai/docs/api/errors). */
const MOONSHOT_TYPES: Record<number, string> = {
  400: "invalid_request_error",
  401: "invalid_authentication_error",
  404: "resource_not_found_error",
  429: "rate_limit_reached_error",
  503: "engine_overloaded_error",
};

/** docs.claude.com/en/api/errors */
const ANTHROPIC_TYPES: Record<number, string> = {
  400: "invalid_request_error",
  401: "authentication_error",
  404: "not_found_error",
  429: "rate_limit_error",
  529: "overloaded_error",
};

/** An error as the vendor of that path words it. `retryAfter` in seconds. */
export function errorResponse(path: string, status: number, message: string, retryAfter?: number): Response {
  const init = { status, headers: retryAfter === undefined ? {} : { "retry-after": String(retryAfter) } };
  if (path.startsWith("/anthropic/")) {
    const error = { type: ANTHROPIC_TYPES[status] ?? "api_error", message };
    return Response.json({ type: "error", error }, init);
  }
  return Response.json({ error: { message, type: MOONSHOT_TYPES[status] ?? "server_error" } }, init);
}
