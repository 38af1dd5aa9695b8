/** Errors in the two vendors' shapes. */
export type ErrorShape = "openai" | "anthropic";

/** Moonshot's names on its OpenAI side (platform.moonshot.ai/docs/api/errors). */
const MOONSHOT_TYPES: Record<number, string> = {
  400: "invalid_request_error",
  401: "invalid_authentication_error",
  402: "exceeded_current_quota_error",
  403: "permission_denied_error",
  404: "resource_not_found_error",
  429: "rate_limit_reached_error",
  503: "engine_overloaded_error",
};

/** docs.claude.com/en/api/errors */
const ANTHROPIC_TYPES: Record<number, string> = {
  400: "invalid_request_error",
  401: "authentication_error",
  402: "billing_error",
  403: "permission_error",
  404: "not_found_error",
  429: "rate_limit_error",
  529: "overloaded_error",
};

export interface VendorError {
  status: number;
  message: string;
  /** Instead of the status's usual one. */
  type?: string | undefined;
  /** Seconds */
  retryAfter?: number | undefined;
}

export function errorResponse(shape: ErrorShape, { status, message, type, retryAfter }: VendorError): Response {
  const headers = new Headers(retryAfter === undefined ? {} : { "retry-after": String(retryAfter) });
  if (shape === "anthropic") {
    const error = { type: type ?? ANTHROPIC_TYPES[status] ?? "api_error", message };
    return Response.json({ type: "error", error }, { status, headers });
  }
  const error = { message, type: type ?? MOONSHOT_TYPES[status] ?? "server_error" };
  return Response.json({ error }, { status, headers });
}
