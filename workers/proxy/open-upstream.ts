/** The request to the model provider, with the platform's own key. */
import type { Dialect } from "./dialect.ts";
import { ProxyError } from "./proxy-error.ts";
import type { Timeouts } from "./timeouts.ts";
import { refusalOf } from "./upstream-refusal.ts";

export interface UpstreamRequest {
  baseUrl: string;
  apiKey: string;
  dialect: Dialect;
  stream: boolean;
  body: string;
  /** The client's; only the ones below go on. */
  headers: Headers;
}

export interface Upstream {
  response: Response;
  /** Ends the connection to the provider. */
  abort(): void;
}

const PATHS = { openai: "/v1/chat/completions", anthropic: "/anthropic/v1/messages" } as const;

/** All of a client's headers that a provider gets to see. Never its credentials, cookies or address. */
const FORWARDED = ["anthropic-version", "anthropic-beta"] as const;

const TRIES = 2;

/**
 * A 2xx answer whose body has not been read yet. Tries twice, both times before the first byte; throws ProxyError
 * where the provider refuses or fails.
 */
export async function openUpstream(request: UpstreamRequest, timeouts: Timeouts): Promise<Upstream> {
  for (let attempt = 1; ; attempt++) {
    const result = await tryOnce(request, timeouts);
    if (!(result instanceof ProxyError)) return result;
    if (attempt === TRIES || !isWorthRetrying(result)) throw result;
    await sleep(timeouts.backoff * (0.5 + Math.random() / 2));
  }
}

/** The request may not have been served at all; a timeout's has, for as long as we waited. */
const isWorthRetrying = (error: ProxyError): boolean =>
  (error.kind === "upstream_busy" || error.kind === "upstream_failed") && (error.retryAfterMs ?? 0) < 2_000;

async function tryOnce(request: UpstreamRequest, timeouts: Timeouts): Promise<Upstream | ProxyError> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), request.stream ? timeouts.firstByte : timeouts.total);
  try {
    const response = await fetch(request.baseUrl + PATHS[request.dialect], {
      method: "POST",
      headers: upstreamHeaders(request),
      body: request.body,
      redirect: "manual",
      signal: controller.signal,
    });
    if (response.ok) return { response, abort: () => controller.abort() };
    return await refusalOf(response);
  } catch {
    return controller.signal.aborted
      ? new ProxyError("upstream_timeout", "The model provider did not answer in time")
      : new ProxyError("upstream_failed", "The model provider can't be reached");
  } finally {
    clearTimeout(timer);
  }
}

function upstreamHeaders({ apiKey, dialect, stream, headers }: UpstreamRequest): Headers {
  const sent = new Headers({
    authorization: `Bearer ${apiKey}`,
    "content-type": "application/json",
    accept: stream ? "text/event-stream" : "application/json",
  });
  if (dialect === "anthropic") {
    sent.set("x-api-key", apiKey);
    sent.set("anthropic-version", "2023-06-01");
  }
  for (const name of FORWARDED) {
    const value = headers.get(name);
    if (value && dialect === "anthropic") sent.set(name, value);
  }
  return sent;
}

const sleep = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));
