/** How the Node programs speak to the edge: one request, its timeout, its retries, and RFC 9457 where it failed. */
import { type Problem, readProblem } from "#schema/contracts/problem.ts";
import { retry, retryAfterMs } from "./retry.ts";

/** The edge as one program reaches it. */
export interface Edge {
  /** Without a slash at its end. */
  url: string;
  /** What follows `Bearer`; asked for at every attempt. */
  authorize(): string | Promise<string>;
  timeoutMs: number;
  /** Calls in all, and between which times the waits lie. */
  retries: { attempts: number; floorMs: number; capMs: number };
  /** Which answers are worth another attempt; `mayPass` where it is left out. */
  retryable?(error: EdgeError): boolean;
  signal?: AbortSignal | undefined;
}

export interface EdgeCall {
  path: string;
  /** GET, or POST where there is `json`. */
  method?: string;
  json?: unknown;
  body?: Uint8Array<ArrayBuffer>;
  headers?: Record<string, string>;
  /** These go before the edge's own. */
  attempts?: number | undefined;
  timeoutMs?: number | undefined;
  signal?: AbortSignal | undefined;
  /** No answer is larger: one that is would only fill the memory. */
  mostBytes?: number;
}

/** The edge answered with an error. */
export class EdgeError extends Error {
  override readonly name = "EdgeError";
  readonly status: number;
  /** `unknown` where it was not the edge that spoke. */
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

/** No answer came, or not all of it: a wrong address, a network that is down, an edge that is not there. */
export class Unreachable extends Error {
  override readonly name = "Unreachable";
}

/** The answer is larger than what was asked for can be. */
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

/** The bare answer to one attempt, whatever its status. Throws Unreachable. */
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

/** `fetch failed` says nothing; what it was caused by does. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "no reason is known";
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  return cause.message || ("code" in cause ? String(cause.code) : error.message);
}
