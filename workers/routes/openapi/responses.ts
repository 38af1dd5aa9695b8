/** An operation's answers and errors in the document. */
import * as z from "zod";
import { Problem } from "#schema/contracts/problem.ts";
import type { Description } from "../operation.ts";
import type { Json, ResponseObject, Write } from "./objects.ts";

const header = (description: string, required: boolean): Json => ({
  description,
  required,
  schema: { type: "string" },
});
const REQUEST_ID = { "X-Request-Id": header("Also in the edge's log", true) };
const RETRY_AFTER = { "Retry-After": { description: "Seconds", schema: { type: "integer" } } };

/** All errors. */
const PROBLEMS: Readonly<Record<number, { description: string; headers?: Json }>> = {
  400: { description: "A field is invalid or unknown; `errors` names it" },
  401: {
    description: "The credential is missing or invalid",
    headers: { "WWW-Authenticate": header("The scheme", true) },
  },
  403: { description: "The key lacks the scope" },
  404: { description: "Not found" },
  408: { description: "The body took too long to arrive" },
  409: { description: "Not possible in the current state; `detail` says why", headers: RETRY_AFTER },
  413: { description: "The body is too large" },
  415: { description: "The body has the wrong content type" },
  500: { description: "An internal error: quote the request id" },
  503: { description: "A required service does not answer", headers: RETRY_AFTER },
};

function problemsOf({ audience, method, scope }: Description): number[] {
  const asked = audience === "public" ? [] : [401, 404, 409];
  const sent = method === "get" ? [] : [408, 413, 415];
  return [400, ...asked, ...(scope ? [403] : []), ...sent, 500, 503];
}

/** As components, which operations refer to. */
export function problemResponses(write: Write): Record<string, ResponseObject> {
  const content = { "application/problem+json": { schema: write(Problem) } };
  const all = Object.entries(PROBLEMS).map(([status, { description, headers }]): [string, ResponseObject] => [
    `Problem${status}`,
    { description, headers: { ...REQUEST_ID, ...headers }, content },
  ]);
  return Object.fromEntries(all);
}

export function responsesOf(one: Description, write: Write): Record<string, ResponseObject | { $ref: string }> {
  const answers: Record<string, ResponseObject> = {};
  for (const { status, description, schema, type } of [one.output].flat()) {
    const body =
      schema instanceof z.ZodType ? { "application/json": { schema: write(schema) } } : { ...(type && { [type]: {} }) };
    const headers = { ...REQUEST_ID, ...headersOf(one) };
    answers[status] = { description, headers, content: { ...answers[status]?.content, ...body } };
  }
  const problems = problemsOf(one).map((status) => [status, { $ref: `#/components/responses/Problem${status}` }]);
  return { ...Object.fromEntries(problems), ...answers };
}

function headersOf({ location, idempotent }: Description): Json {
  return {
    ...(location !== undefined && { Location: header("The URL of the result", false) }),
    ...(idempotent && {
      "Idempotent-Replayed": header("`true` where this is the answer to an earlier request", false),
    }),
  };
}
