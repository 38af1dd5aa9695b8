import * as z from "zod";
import { retryAfterMs } from "#cluster/system/retry.ts";

const Problem = z.object({
  code: z.string(),
  detail: z.string().default(""),
  request_id: z.string().optional(),
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).default([]),
});

/** The edge answered an operator with an error (RFC 9457), in its own words. */
export class OperatorError extends Error {
  override readonly name = "OperatorError";
  readonly status: number;
  readonly code: string;
  /** How long the edge wants to be left alone. */
  readonly retryAfterMs: number | undefined;

  constructor(status: number, code: string, message: string, retryAfter?: number) {
    super(message);
    this.status = status;
    this.code = code;
    this.retryAfterMs = retryAfter;
  }

  static async from(response: Response): Promise<OperatorError> {
    const parsed = Problem.safeParse(await response.json().catch(() => undefined));
    if (!parsed.success) {
      const words = `The edge answered ${response.status} without saying why: is EDGE_URL really an openclaw-cloud edge?`;
      return new OperatorError(response.status, "unknown", words);
    }
    const { code, detail, errors, request_id } = parsed.data;
    const fields = errors.map((error) => `\n  ${error.pointer}: ${error.detail}`).join("");
    // Only the edge's log knows more about its own failures; that is where the id leads.
    const id = response.status >= 500 && request_id ? ` (request ${request_id})` : "";
    const words = `${detail || code}${fields}${id}`;
    return new OperatorError(response.status, code, words, retryAfterMs(response.headers.get("retry-after")));
  }
}
