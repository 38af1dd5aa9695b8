/** Operations as an OpenAPI 3.1 document. Zod makes its JSON Schemas from the schemas that check requests. */
import * as z from "zod";
import { VERSION } from "../../version.ts";
import { AUDIENCES } from "../audiences.ts";
import type { Description } from "../operation.ts";
import { BESIDE } from "./beside.ts";
import type { Document, Json, Write } from "./objects.ts";
import { operationObject } from "./operation-object.ts";
import { problemResponses } from "./responses.ts";

const ABOUT =
  "Errors are RFC 9457 problem+json with a stable `code`. Every answer has the request id in `X-Request-Id`. " +
  "Unknown fields and parameters are refused with 400, other methods with 405 and `Allow`.";

export function openApiDocument(operations: readonly Description[], url: string): Document {
  const schemas: Json = {};
  const write: Write = (schema) => {
    const { $defs, properties } = z.toJSONSchema(z.object({ it: schema }), { io: "input" });
    Object.assign(schemas, $defs);
    return properties?.it as Json;
  };
  const paths: Document["paths"] = {};
  for (const one of operations) paths[one.path] = { ...paths[one.path], [one.method]: operationObject(one, write) };
  const audiences = Object.values(AUDIENCES);
  const securitySchemes = Object.fromEntries(
    audiences.flatMap(({ credential }) =>
      credential ? [[credential.name, { type: "http", scheme: "bearer", description: credential.description }]] : [],
    ),
  );
  const document: Document = {
    openapi: "3.1.0",
    info: { title: "openclaw-cloud", version: VERSION, description: ABOUT },
    servers: [{ url }],
    tags: [...audiences.map(({ title }) => ({ name: title })), ...BESIDE.tags],
    paths: { ...paths, ...BESIDE.paths },
    components: {
      schemas,
      responses: problemResponses(write),
      securitySchemes: { ...securitySchemes, ...BESIDE.securitySchemes },
    },
  };
  return JSON.parse(JSON.stringify(document).replaceAll('"#/$defs/', '"#/components/schemas/'));
}
