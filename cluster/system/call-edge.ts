/** The Node programs' client of the edge: one request with its timeout, retries, and RFC 9457 errors. */
import { type Problem, readProblem } from "#schema/contracts/problem.ts";
import { retry, retryAfterMs } from "./retry.ts";

/** One program's access to the edge. */
export interface Edge {
  /** Without a slash at its end. */
  url: string;
  /** The bearer token; called at every attempt. */
  authorize(): string | Promise<string>;
  timeoutMs: number;
  /** The number of attempts, and the bounds of the pauses. */
  retries: { attempts: number; floorMs: number; capMs: number };
  /** Which errors to retry; default: `mayPass`. */
  retryable?(error: EdgeError): boolean;
  signal?: AbortSignal | undefined;
}

export interface EdgeCall {
  path: string;
  /** Default: POST with `json`, otherwise GET. */
  method?: string;
  json?: unknown;
  body?: Uint8Array<ArrayBuffer>;
  headers?: Record<string, string>;
  /** These override the default headers. */
  attempts?: number | undefined;
  timeoutMs?: number | undefined;
  signal?: AbortSignal | undefined;
  /** The most bytes of an answer. */
  mostBytes?: number;
}

/** The edge answered with an error. */
export class EdgeError extends Error {
  override readonly name = "EdgeError";
  readonly status: number;
  /** `unknown` if the answer is not the edge's. */
  readonly code: string;
  readonly problem: Problem | undefined;
  readonly headers: Headers;

  constructor(path: string, { status, headers }: Response, problem: Problem | undefined) {
    const { code = "unknown", detail } = problem ?? {};
    super(`the edge answered ${status} ${code} to ${path.split("?")[0]}${detail ? `: ${detail}` : ""}`);
    this.status = status;
    this.code = code;
    this.problem = problem;
    this.headers = headers;
  }

  /** Whether the same request may succeed later. */
  get mayPass(): boolean {
    return this.status === 429 || this.status === 408 || this.status >= 500;
  }
}

/** No complete answer came: a wrong address, a network failure, an edge that is down. */
export class Unreachable extends Error {
  override readonly name = "Unreachable";
}

/** The answer is larger than allowed. */
export class TooLarge extends Error {
  override readonly name = "TooLarge";
}

const MOST_BYTES = 64 * 1024 * 1024;

/** The answer's body. Throws EdgeError, Unreachable, TooLarge, or the reason of a signal that aborted. */
export function callEdge(edge: Edge, call: EdgeCall): Promise<Buffer> {
  const { attempts = edge.retries.attempts } = call;
  const retryable = (error: unknown) => {
    if (!(error instanceof EdgeError)) return error instanceof Unreachable;
    const again = edge.retryable?.(error) ?? error.mayPass;
    return again && (retryAfterMs(error.headers.get("retry-after")) ?? true);
  };
  return retry({ ...edge.retries, attempts, signal: signalOf(edge, call), retryable }, async () => {
    const response = await sendToEdge(edge, call);
    if (!response.ok) throw new EdgeError(call.path, response, await readProblem(response));
    return answered(edge, call, () => bodyOf(response, call.mostBytes ?? MOST_BYTES));
  });
}

/** The raw answer to one attempt, whatever its status. Throws Unreachable. */
export const sendToEdge = (edge: Edge, call: EdgeCall): Promise<Response> =>
  answered(edge, call, async () => {
    const { path, json, method = json === undefined ? "GET" : "POST", body = null, headers } = call;
    const timeout = AbortSignal.timeout(call.timeoutMs ?? edge.timeoutMs);
    const signal = signalOf(edge, call);
    return fetch(edge.url + path, {
      method,
      headers: {
        ...(json !== undefined && { "content-type": "application/json" }),
        ...headers,
        authorization: `Bearer ${await edge.authorize()}`,
      },
      body: json === undefined ? body : JSON.stringify(json),
      // A key must never follow a redirect to somewhere else.
      redirect: "error",
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
  });

async function answered<T>(edge: Edge, call: EdgeCall, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    signalOf(edge, call)?.throwIfAborted();
    if (error instanceof TooLarge) throw error;
    throw new Unreachable(`${edge.url} does not answer: ${reasonOf(error)}`, { cause: error });
  }
}

const signalOf = (edge: Edge, call: EdgeCall): AbortSignal | undefined => call.signal ?? edge.signal;

async function bodyOf(response: Response, most: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > most) throw new TooLarge(`the answer is larger than ${most} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The cause's message, because `fetch failed` alone says nothing. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "no reason is known";
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  return cause.message || ("code" in cause ? String(cause.code) : error.message);
}
