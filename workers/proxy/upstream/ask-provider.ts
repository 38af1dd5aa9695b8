/** One request to one provider, with the platform's own key. */
import type { Endpoint } from "../../models/endpoint.ts";
import type { Provider } from "../../models/model-table.ts";
import { ProxyError } from "../proxy-error.ts";
import { watchLiveness } from "./liveness.ts";
import type { Timeouts } from "./timeouts.ts";
import { refusalOf } from "./upstream-refusal.ts";

export interface ProviderRequest {
  provider: Provider;
  endpoint: Endpoint;
  stream: boolean;
  body: string;
  /** The client's; only the ones below go on. */
  headers: Headers;
}

export interface ProviderAnswer {
  /** 2xx, its body not yet read. */
  response: Response;
  /** Ends the connection to the provider. */
  abort(): void;
  /** An unstreamed answer's time runs until its last byte: says that it is there. A stream has times of its own. */
  read(): void;
}

/** All of a client's headers that a provider gets to see. Never its credentials, cookies or address. */
const FORWARDED = ["anthropic-version", "anthropic-beta"] as const;

/** A refusal or a failure is returned, for the caller to decide whether to try again. */
export async function askProvider(
  request: ProviderRequest,
  timeouts: Pick<Timeouts, "firstByte" | "total" | "askAfter" | "signOfLife">,
): Promise<ProviderAnswer | ProxyError> {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  const timer = setTimeout(abort, request.stream ? timeouts.firstByte : timeouts.total);
  const read = (): void => clearTimeout(timer);
  const url = request.provider.urls[request.endpoint] ?? "";
  const watched = watchLiveness(url, timeouts, abort);
  let runsOn = false;
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: headersFor(request),
      body: request.body,
      // A redirect would take our key elsewhere.
      redirect: "manual",
      signal: controller.signal,
    });
    if (!response.ok) return await refusalOf(response);
    if (request.stream && !isEventStream(response)) return await noAnswer(response);
    runsOn = !request.stream;
    return { response, abort, read };
  } catch {
    return controller.signal.aborted
      ? new ProxyError("upstream_timeout", "The model provider did not answer in time", UNAVAILABLE)
      : new ProxyError("upstream_failed", "The model provider can't be reached", UNAVAILABLE);
  } finally {
    watched();
    if (!runsOn) read();
  }
}

const UNAVAILABLE = { failure: "model_unavailable" } as const;

const isEventStream = ({ headers }: Response): boolean =>
  headers.get("content-type")?.toLowerCase().startsWith("text/event-stream") ?? false;

/** A page or a document in place of a stream, with a status that says that all is well. */
async function noAnswer(response: Response): Promise<ProxyError> {
  await response.body?.cancel();
  return new ProxyError("upstream_failed", "The model provider sent no stream", UNAVAILABLE);
}

function headersFor({ provider, endpoint, stream, headers }: ProviderRequest): Record<string, string> {
  const sent: Record<string, string> = {
    authorization: `Bearer ${provider.apiKey}`,
    "content-type": "application/json",
    accept: stream ? "text/event-stream" : "application/json",
    // Compressed events would wait for each other.
    "accept-encoding": "identity",
  };
  if (endpoint !== "messages") return sent;
  sent["x-api-key"] = provider.apiKey;
  sent["anthropic-version"] = "2023-06-01";
  for (const name of FORWARDED) {
    const value = headers.get(name);
    if (value) sent[name] = value;
  }
  return sent;
}
