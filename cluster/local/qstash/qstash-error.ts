import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";

/** An error in QStash's shape, `{"error": "…"}`. */
export function qstashError(status: ContentfulStatusCode, error: string): HTTPException {
  return new HTTPException(status, { message: error, res: Response.json({ error }, { status }) });
}

export const notFound = (what: string): HTTPException => qstashError(404, `${what} not found`);
