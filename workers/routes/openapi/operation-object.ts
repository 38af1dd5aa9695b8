/** One operation of the document. */
import * as z from "zod";
import { text } from "#schema/contracts/parts.ts";
import { AUDIENCES } from "../audiences.ts";
import type { Description } from "../operation.ts";
import { paramsOf } from "../path-params.ts";
import type { Json, OperationObject, ParameterObject, Write } from "./objects.ts";
import { responsesOf } from "./responses.ts";

export function operationObject(one: Description, write: Write): OperationObject {
  const { title, credential } = AUDIENCES[one.audience];
  return {
    tags: one.tag ? [title, one.tag] : [title],
    summary: one.summary,
    ...(one.description && { description: one.description }),
    security: credential ? [{ [credential.name]: one.scope ? [one.scope] : [] }] : [],
    parameters: [
      ...parameters("path", paramsOf(one.path), write),
      ...parameters("query", one.query, write),
      ...parameters("header", one.idempotent ? IDEMPOTENCY_KEY : undefined, write),
      ...parameters("header", one.headers, write),
    ],
    ...requestBody(one, write),
    responses: responsesOf(one, write),
  };
}

const IDEMPOTENCY_KEY = z.object({
  "Idempotency-Key": text(255)
    .regex(/^[\x21-\x7e]+$/)
    .optional()
    .meta({ description: "Repeating a request with the same key has no second effect and returns the first answer" }),
});

function parameters(place: string, schema: z.ZodType | undefined, write: Write): ParameterObject[] {
  if (!schema) return [];
  const { properties, required = [] } = write(schema) as { properties: Record<string, Json>; required?: string[] };
  return Object.entries(properties).map(([name, { description, ...form }]) => ({
    name,
    in: place,
    ...(description !== undefined && { description }),
    required: required.includes(name),
    schema: form,
  }));
}

function requestBody({ body, octets }: Description, write: Write): Pick<OperationObject, "requestBody"> {
  if (octets) {
    const schema = { type: "string", format: "binary", minLength: octets.min, maxLength: octets.max };
    return { requestBody: { required: true, content: { "application/octet-stream": { schema } } } };
  }
  if (!body) return {};
  const required = !body.safeParse(undefined).success;
  return { requestBody: { required, content: { "application/json": { schema: write(body) } } } };
}
