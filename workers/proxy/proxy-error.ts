/** Everything the proxy may refuse or fail with, in the two vendors' own words. */
import type { ModelFailure } from "#schema/domain/reasons/model.ts";
import type { Dialect } from "./dialects/dialect.ts";

interface Kind {
  status: number;
  /** OpenAI's `type` and `code`, Anthropic's `type`. */
  openai: string;
  code: string | null;
  anthropic: string;
  /** Told to the vendors' clients as `x-should-retry`; they decide by the status where it is absent. */
  retry?: boolean;
}

const KINDS = {
  invalid_request: { status: 400, openai: "invalid_request_error", code: null, anthropic: "invalid_request_error" },
  invalid_api_key: {
    status: 401,
    openai: "invalid_request_error",
    code: "invalid_api_key",
    anthropic: "authentication_error",
    retry: false,
  },
  suspended: {
    status: 403,
    openai: "permission_denied_error",
    code: "account_suspended",
    anthropic: "permission_error",
    retry: false,
  },
  not_found: { status: 404, openai: "invalid_request_error", code: "unknown_url", anthropic: "not_found_error" },
  /** The model is there, but nobody serves it in the API that was used. */
  wrong_endpoint: {
    status: 400,
    openai: "invalid_request_error",
    code: "wrong_endpoint",
    anthropic: "invalid_request_error",
  },
  model_not_found: {
    status: 404,
    openai: "invalid_request_error",
    code: "model_not_found",
    anthropic: "not_found_error",
  },
  too_large: {
    status: 413,
    openai: "invalid_request_error",
    code: "request_too_large",
    anthropic: "request_too_large",
  },
  rate_limited: {
    status: 429,
    openai: "requests",
    code: "rate_limit_exceeded",
    anthropic: "rate_limit_error",
    retry: true,
  },
  quota_exceeded: {
    status: 429,
    openai: "insufficient_quota",
    code: "insufficient_quota",
    anthropic: "rate_limit_error",
    retry: false,
  },
  internal: { status: 500, openai: "server_error", code: null, anthropic: "api_error" },
  /** The provider does not take our key, our money or our model: retrying is of no use, and an operator must look. */
  upstream_refused: { status: 502, openai: "server_error", code: "upstream_failed", anthropic: "api_error" },
  upstream_failed: { status: 502, openai: "server_error", code: "upstream_failed", anthropic: "api_error" },
  upstream_busy: { status: 503, openai: "server_error", code: "upstream_busy", anthropic: "overloaded_error" },
  unavailable: { status: 503, openai: "server_error", code: "unavailable", anthropic: "api_error" },
  upstream_timeout: { status: 504, openai: "server_error", code: "upstream_timeout", anthropic: "timeout_error" },
} as const satisfies Record<string, Kind>;

export type ProxyErrorKind = keyof typeof KINDS;

export class ProxyError extends Error {
  override readonly name = "ProxyError";
  readonly kind: ProxyErrorKind;
  /** Milliseconds until another try makes sense. */
  readonly retryAfterMs: number | undefined;
  /** The request's field that is wrong. */
  readonly param: string | null;
  /** What the provider answered; for our log only. */
  readonly upstreamStatus: number | undefined;
  /** Why the model gave no answer, where that is the reason; for operators only. */
  readonly failure: ModelFailure | undefined;
  /** More of the answer's headers. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    kind: ProxyErrorKind,
    message: string,
    more: {
      retryAfterMs?: number | undefined;
      param?: string;
      upstreamStatus?: number;
      failure?: ModelFailure;
      headers?: Record<string, string>;
    } = {},
  ) {
    super(message);
    this.kind = kind;
    this.retryAfterMs = more.retryAfterMs;
    this.param = more.param ?? null;
    this.upstreamStatus = more.upstreamStatus;
    this.failure = more.failure;
    this.headers = more.headers ?? {};
  }

  get status(): number {
    return KINDS[this.kind].status;
  }
}

/** A field of the request that is wrong. */
export const invalidField = (field: string, problem: string): ProxyError =>
  new ProxyError("invalid_request", `${field} ${problem}`, { param: field });

/** The error as the body that the dialect's clients expect. */
export function errorBody(dialect: Dialect, error: ProxyError, requestId: string): object {
  const { openai, code, anthropic } = KINDS[error.kind];
  return dialect === "anthropic"
    ? { type: "error", error: { type: anthropic, message: error.message }, request_id: requestId }
    : { error: { message: error.message, type: openai, param: error.param, code } };
}

export function errorResponse(dialect: Dialect, error: ProxyError, requestId: string): Response {
  const headers = new Headers({ "cache-control": "no-store", ...error.headers });
  const kind: Kind = KINDS[error.kind];
  if (kind.retry !== undefined) headers.set("x-should-retry", String(kind.retry));
  if (error.retryAfterMs !== undefined) {
    // Whole seconds are all that `retry-after` can say; both vendors' clients read the exact one first.
    headers.set("retry-after", String(Math.ceil(error.retryAfterMs / 1_000)));
    if (kind.retry) headers.set("retry-after-ms", String(Math.ceil(error.retryAfterMs)));
  }
  return Response.json(errorBody(dialect, error, requestId), { status: error.status, headers });
}

/** A failure after the status is out: one more event, which both vendors' clients throw as an error. */
export function errorEvent(dialect: Dialect, error: ProxyError, requestId: string): Uint8Array {
  const name = dialect === "openai" ? "" : "event: error\n";
  const data = `data: ${JSON.stringify(eventBody(dialect, error, requestId))}\n\n`;
  // The blank line first ends whatever event the cut left open.
  return new TextEncoder().encode(`\n\n${name}${data}`);
}

/** The Responses API's error event has its fields at the top; OpenAI's client throws by `error` alone. */
function eventBody(dialect: Dialect, error: ProxyError, requestId: string): object {
  const body = errorBody(dialect, error, requestId);
  if (dialect !== "responses") return body;
  const { message, param, kind } = error;
  return { type: "error", code: KINDS[kind].code, message, param, ...body };
}

/** A sign of life that clients throw away: a comment line, or the event that Anthropic has for this. */
export const keepaliveEvent = (dialect: Dialect): Uint8Array =>
  new TextEncoder().encode(dialect === "anthropic" ? 'event: ping\ndata: {"type":"ping"}\n\n' : ": keepalive\n\n");
