import type * as z from "zod";
import { callEdge, type Edge, type EdgeCall, sendToEdge } from "#cluster/system/call-edge.ts";
import type { OperatorSettings } from "./operator-settings.ts";

type Query = Readonly<Record<string, string | undefined>>;

/** The edge's `/internal/*`. All throw `EdgeError`, or `Unreachable` if no answer came. */
export interface OperatorClient {
  readonly edgeUrl: string;
  get<S extends z.ZodType>(path: string, answer: S, query?: Query): Promise<z.infer<S>>;
  /**
   * Each call has its own idempotency key, so that it can be repeated if its answer was lost.
   * `repeatable: false` for routes that don't know such keys.
   */
  post<S extends z.ZodType>(path: string, answer: S, body?: unknown, options?: PostOptions): Promise<z.infer<S>>;
  /** The raw answer to one GET, whatever its status: for checks of the edge itself. */
  look(path: string): Promise<Response>;
}

interface PostOptions {
  /** Default: POST. */
  method?: "POST" | "PUT";
  repeatable?: boolean;
}

export function createOperatorClient({ edgeUrl, key }: OperatorSettings, signal: AbortSignal): OperatorClient {
  const edge: Edge = {
    url: edgeUrl,
    authorize: () => key,
    timeoutMs: 30_000,
    retries: { attempts: 4, floorMs: 200, capMs: 3_000 },
    // Other errors are not retried: the operator should see them at once.
    retryable: ({ status }) => status === 429 || status === 503,
    signal,
  };
  const call = async <S extends z.ZodType>(request: EdgeCall, answer: S): Promise<z.infer<S>> =>
    answer.parse(JSON.parse((await callEdge(edge, request)).toString()));
  return {
    edgeUrl,
    get: (path, answer, query = {}) => call({ path: path + queryString(query) }, answer),
    post: (path, answer, json, { method = "POST", repeatable = true }: PostOptions = {}) => {
      const repeated = repeatable ? { headers: { "idempotency-key": crypto.randomUUID() } } : { attempts: 1 };
      return call({ method, path, json, ...repeated }, answer);
    },
    look: (path) => sendToEdge(edge, { path }),
  };
}

function queryString(query: Query): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return given.length > 0 ? `?${new URLSearchParams(given)}` : "";
}
