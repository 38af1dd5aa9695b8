/** `/openapi.json`, and the same as a page at `/reference`, without scripts or external content. */
import * as z from "zod";
import { json, other } from "../answer.ts";
import { openApiDocument } from "../openapi/document.ts";
import type { Document } from "../openapi/objects.ts";
import { type Description, type Operation, operation } from "../operation.ts";
import { referencePage } from "./reference-page.ts";

const asking = { audience: "public", method: "get" } as const;

export function referenceOperations(operations: () => readonly Description[]): Operation[] {
  let made: Document | undefined;
  const document = (url: string): Document => {
    made ??= openApiDocument(operations(), url);
    return made;
  };
  return [
    operation({
      ...asking,
      path: "/openapi.json",
      summary: "This document",
      output: json("OpenAPI 3.1", z.object({ openapi: z.string() })),
      verb: ({ ctx }) => document(ctx.config.PUBLIC_URL),
    }),
    operation({
      ...asking,
      path: "/reference",
      summary: "This document as a page",
      output: other("text/html", "A page without scripts"),
      async verb({ ctx }) {
        const page = await referencePage(document(ctx.config.PUBLIC_URL));
        const headers = {
          "content-type": "text/html; charset=utf-8",
          "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
        };
        return new Response(String(page), { headers });
      },
    }),
  ];
}
