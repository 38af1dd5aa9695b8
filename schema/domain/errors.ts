/** Every error a person or program can meet: a stable code, its HTTP status and its title, in one table. */
export const ERRORS = {
  invalid_request: { status: 400, title: "Invalid request" },
  unauthorized: { status: 401, title: "Authentication required" },
  forbidden: { status: 403, title: "This key is not allowed to do this" },
  not_found: { status: 404, title: "Not found" },
  request_timeout: { status: 408, title: "The request took too long to arrive" },
  conflict: { status: 409, title: "Conflict with the current state" },
  lease_lost: { status: 409, title: "Another agent holds the job's lease" },
  superseded: { status: 409, title: "A newer job of the box takes this one's place" },
  method_not_allowed: { status: 405, title: "Method not allowed" },
  payload_too_large: { status: 413, title: "The request body is too large" },
  unsupported_media_type: { status: 415, title: "Send application/json" },
  rate_limited: { status: 429, title: "Too many requests" },
  internal: { status: 500, title: "Something went wrong on our side" },
  upstream_unavailable: { status: 503, title: "A required service does not answer" },
} as const satisfies Record<string, { status: number; title: string }>;

export type ErrorCode = keyof typeof ERRORS;

/** One field that is wrong: `pointer` is an RFC 6901 JSON pointer into the body (`/customer_email`). */
export interface FieldError {
  pointer: string;
  detail: string;
}

/**
 * Thrown by verbs; rendered in one place as RFC 9457 problem+json. `detail` is shown to the caller for 4xx, and for
 * `upstream_unavailable`, where it names the service; any other 5xx shows the request id, never an internal message.
 */
export class AppError extends Error {
  override readonly name = "AppError";
  readonly code: ErrorCode;
  readonly fields: readonly FieldError[];
  /** Seconds until the caller may try again. */
  readonly retryAfter: number | undefined;

  constructor(
    code: ErrorCode,
    detail: string,
    more: { fields?: readonly FieldError[]; retryAfter?: number; cause?: unknown } = {},
  ) {
    super(detail, { cause: more.cause });
    this.code = code;
    this.fields = more.fields ?? [];
    this.retryAfter = more.retryAfter;
  }

  get status(): number {
    return ERRORS[this.code].status;
  }
}
