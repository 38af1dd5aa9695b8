import type * as z from "zod";
import { retry } from "#cluster/system/retry.ts";
import { OperatorError } from "./operator-error.ts";
import type { OperatorSettings } from "./operator-settings.ts";

type Query = Readonly<Record<string, string | undefined>>;

/** The edge's `/internal/*`. All throw `OperatorError`, or `Unreachable` where no answer came. */
export interface OperatorClient {
  readonly edgeUrl: string;
  get<S extends z.ZodType>(path: string, answer: S, query?: Query): Promise<z.infer<S>>;
  /**
   * Each call has an idempotency key of its own, so that one whose answer was lost can be sent again.
   * `repeatable: false` for routes that don't know such keys.
   */
  post<S extends z.ZodType>(path: string, answer: S, body?: unknown, options?: PostOptions): Promise<z.infer<S>>;
  /** The bare answer to one GET, whatever its status: for what looks at the edge itself. */
  look(path: string): Promise<Response>;
}

interface PostOptions {
  repeatable?: boolean;
}

/** No answer came: a wrong address, a network that is down, an edge that is not there. */
export class Unreachable extends Error {
  override readonly name = "Unreachable";
}

const TIMEOUT_MS = 30_000;
const RETRIES = { attempts: 4, floorMs: 200, capMs: 3_000 };

interface Call {
  method: "GET" | "POST";
  path: string;
  body?: unknown;
  headers?: Record<string, string>;
}

export function createOperatorClient(settings: OperatorSettings, signal: AbortSignal): OperatorClient {
  const { edgeUrl } = settings;
  const send = async (call: Call, attempts: number): Promise<unknown> => {
    const response = await retry({ ...RETRIES, attempts, signal, retryable }, async () => {
      const answered = await fetchOnce(settings, call, signal);
      if (!answered.ok) throw await OperatorError.from(answered);
      return answered;
    });
    return response.json();
  };
  return {
    edgeUrl,
    get: async (path, answer, query = {}) =>
      answer.parse(await send({ method: "GET", path: path + queryString(query) }, RETRIES.attempts)),
    post: async (path, answer, body, { repeatable = true } = {}) => {
      const headers: Record<string, string> = repeatable ? { "idempotency-key": crypto.randomUUID() } : {};
      return answer.parse(await send({ method: "POST", path, body, headers }, repeatable ? RETRIES.attempts : 1));
    },
    look: (path) => fetchOnce(settings, { method: "GET", path }, signal),
  };
}

async function fetchOnce({ edgeUrl, key }: OperatorSettings, call: Call, signal: AbortSignal): Promise<Response> {
  try {
    return await fetch(edgeUrl + call.path, {
      method: call.method,
      headers: {
        ...call.headers,
        authorization: `Bearer ${key}`,
        ...(call.body !== undefined && { "content-type": "application/json" }),
      },
      body: call.body === undefined ? null : JSON.stringify(call.body),
      // A key must never follow a redirect to somewhere else.
      redirect: "error",
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
  } catch (error) {
    signal.throwIfAborted();
    throw new Unreachable(`${edgeUrl} does not answer: ${reasonOf(error)}`, { cause: error });
  }
}

/** `fetch failed` says nothing; what it was caused by does. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "no reason is known";
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  return cause.message || ("code" in cause ? String(cause.code) : error.message);
}

function retryable(error: unknown): boolean | number {
  if (error instanceof Unreachable) return true;
  if (!(error instanceof OperatorError)) return false;
  return (error.status === 429 || error.status === 503) && (error.retryAfterMs ?? true);
}

function queryString(query: Query): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return given.length > 0 ? `?${new URLSearchParams(given)}` : "";
}
