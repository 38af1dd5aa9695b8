/** A call to the edge that failed, in words for the operator. */
import { readProblem } from "#schema/contracts/problem.ts";
import type { FieldError } from "#schema/domain/errors.ts";

export class EdgeError extends Error {
  override readonly name = "EdgeError";
  /** 0: no answer came. */
  readonly status: number;
  readonly requestId: string | undefined;
  readonly fields: readonly FieldError[];

  constructor(
    words: string,
    status: number,
    more: { requestId?: string | undefined; fields?: readonly FieldError[] } = {},
  ) {
    super(words);
    this.status = status;
    this.requestId = more.requestId;
    this.fields = more.fields ?? [];
  }
}

/** Reads RFC 9457; of any other answer (a proxy's error page) only the status is shown. */
export async function edgeErrorOf(response: Response): Promise<EdgeError> {
  const problem = await readProblem(response);
  if (problem) {
    const { title, detail, status, request_id, errors } = problem;
    const words = detail && detail !== title ? `${title}. ${detail}` : `${title}.`;
    return new EdgeError(words, status, { requestId: request_id, fields: errors ?? [] });
  }
  const requestId = response.headers.get("x-request-id") ?? undefined;
  return new EdgeError(`The edge answered ${response.status} without saying why.`, response.status, { requestId });
}
