/** What the internal operations have in common in the OpenAPI document. */
import * as z from "zod";
import { Accepted, Problem } from "#schema/contracts/internal.ts";

export const jsonBody = <S extends z.ZodType>(schema: S) => ({
  body: { required: true, content: { "application/json": { schema } } },
});

export const jsonAnswer = <S extends z.ZodType>(description: string, schema: S) => ({
  description,
  content: { "application/json": { schema } },
});

const problem = (description: string) => ({
  description,
  content: { "application/problem+json": { schema: Problem } },
});

const security = [{ operatorKey: [] as string[] }];

/** The answers that every internal operation may give. */
export const common = {
  security,
  problems: {
    400: problem("A field is wrong; `errors` names it"),
    401: problem("No key, or an unknown one"),
    403: problem("The key lacks the scope"),
    404: problem("There is no such thing"),
    409: problem("Not possible in the present state; `detail` says why"),
    503: problem("A service that is needed does not answer; try again after `Retry-After` seconds"),
  },
} as const;

/** Where a change can be followed. */
export const accepted = {
  ...jsonAnswer("The change is recorded; the job brings the box there", Accepted),
  headers: z.object({ location: z.string().meta({ description: "The job" }) }),
};

export const IdempotencyKey = z.object({ "idempotency-key": z.string().max(255).optional() });

export const BoxId = z.object({ box_id: z.uuid() });
export const JobId = z.object({ job_id: z.uuid() });
export const TokenId = z.object({ token_id: z.uuid() });
