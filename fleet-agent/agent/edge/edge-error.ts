import * as z from "zod";

const Problem = z.object({ code: z.string(), detail: z.string().optional() });

/** The edge answered with an error: RFC 9457's code and detail where it gave them. */
export class EdgeError extends Error {
  override readonly name = "EdgeError";
  readonly status: number;
  readonly code: string;
  readonly retryAfter: string | null;

  constructor(what: string, status: number, code: string, detail: string, retryAfter: string | null) {
    super(`${what}: ${status} ${code}${detail ? `: ${detail}` : ""}`);
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
  }

  static async from(what: string, response: Response): Promise<EdgeError> {
    const body = Problem.safeParse(await response.json().catch(() => undefined));
    const { code, detail = "" } = body.success ? body.data : { code: "unknown" };
    return new EdgeError(what, response.status, code, detail, response.headers.get("retry-after"));
  }

  /** Whether the same request may succeed later. */
  get mayPass(): boolean {
    return this.status === 429 || this.status === 408 || this.status >= 500;
  }
}
