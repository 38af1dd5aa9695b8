/** The one place where an error becomes an answer: RFC 9457 problem+json with a stable code and the request id. */
import { HTTPException } from "hono/http-exception";
import { ZodError } from "zod";
import type { Problem } from "#schema/contracts/problem.ts";
import { AppError, ERRORS, type ErrorCode, type FieldError } from "#schema/domain/errors.ts";
import { databaseError } from "./database-error.ts";

/** Any thrown value as an AppError; unknown ones are `internal`. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (error instanceof ZodError) return fromZod(error);
  if (error instanceof HTTPException) return fromHttp(error);
  return databaseError(error) ?? new AppError("internal", "", { cause: error });
}

export function fromZod(error: { issues: readonly { path: readonly PropertyKey[]; message: string }[] }): AppError {
  const fields = error.issues.flatMap(fieldErrors);
  const names = fields.map((field) => field.pointer || "the body").join(", ");
  return new AppError("invalid_request", `Check ${names}`, { fields });
}

function fieldErrors(issue: { path: readonly PropertyKey[]; message: string }): FieldError[] {
  const keys = "keys" in issue && Array.isArray(issue.keys) ? issue.keys.map(String) : undefined;
  if (!keys) return [{ pointer: pointerTo(issue.path), detail: issue.message }];
  return keys.map((key) => ({ pointer: pointerTo([...issue.path, key]), detail: "is not a field of this request" }));
}

/** RFC 6901. */
const pointerTo = (path: readonly PropertyKey[]): string =>
  path.map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");

function fromHttp(error: HTTPException): AppError {
  if (error.status === 400) return new AppError("invalid_request", "The body is not valid JSON");
  if (error.status === 413) return new AppError("payload_too_large", "The body is too large");
  return new AppError("internal", "", { cause: error });
}

/** The answer to an error. Of our own failures it shows only the request's id, of another service's also which it is. */
export function problemResponse(error: AppError, requestId: string): Response {
  const headers = new Headers({ "content-type": "application/problem+json", "cache-control": "no-store" });
  headers.set("x-request-id", requestId);
  if (error.retryAfter !== undefined) headers.set("retry-after", String(error.retryAfter));
  if (error.code === "unauthorized") headers.set("www-authenticate", "Bearer");
  return new Response(JSON.stringify(problemBody(error, requestId)), { status: error.status, headers });
}

function problemBody(error: AppError, requestId: string): Problem {
  const { status, title } = ERRORS[error.code];
  const words = error.code === "upstream_unavailable" ? error.message : title;
  const detail = status < 500 ? error.message : `${words}. Please quote request ${requestId}.`;
  const problem: Problem = { type: typeOf(error.code), title, status, code: error.code, detail, request_id: requestId };
  return error.fields.length > 0 ? { ...problem, errors: [...error.fields] } : problem;
}

const typeOf = (code: ErrorCode): string => `urn:openclaw-cloud:problem:${code}`;
