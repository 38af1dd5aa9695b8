/** Brings a request to a provider that answers it: tried again before the first byte, never after. */

import { type ModelFailure, passesByItself } from "#schema/domain/reasons/model.ts";
import type { ModelRoute, Provider } from "../../models/model-table.ts";
import { sleep } from "../../sleep.ts";
import { ProxyError } from "../proxy-error.ts";
import { askProvider, type ProviderAnswer, type ProviderRequest } from "./ask-provider.ts";
import { breakerOf } from "./breaker.ts";
import type { Timeouts } from "./timeouts.ts";

export interface UpstreamRequest extends Pick<ProviderRequest, "endpoint" | "stream"> {
  /** Who may be asked, in this order. */
  routes: readonly ModelRoute[];
  bodyFor(route: ModelRoute): string;
  /** Its headers; and its signal, which aborts when the client has gone: for nobody, nothing is tried again. */
  client: Pick<Request, "headers" | "signal">;
  /** What a provider did, for operators: undefined where it answered. One failure that passes by itself, and was made good, is not told. */
  note(provider: Provider, failure: ModelFailure | undefined): void;
}

export interface Upstream extends ProviderAnswer {
  /** Who answers. */
  provider: Provider;
  /** How often somebody was asked. */
  attempts: number;
}

/** Longer waits than this before another try are the client's to wait. */
const LONGEST_WAIT_MS = 2_000;

/**
 * Asks each route once and the first one twice, those left out whose breaker is open or that have refused. Throws
 * ProxyError: the last failure.
 */
export async function openUpstream(request: UpstreamRequest, timeouts: Timeouts): Promise<Upstream> {
  const { routes, note } = request;
  const done = new Set<ModelRoute>();
  let failed: { error: ProxyError; provider: Provider } | undefined;
  let attempts = 0;
  for (const [turn, route] of [...routes, ...routes.slice(0, 1)].entries()) {
    if (done.has(route)) continue;
    const { provider } = route;
    const closedFor = breakerOf(provider).wait(Date.now());
    if (closedFor > 0) {
      failed ??= { error: resting(closedFor), provider };
      continue;
    }
    if (turn >= routes.length && failed) await sleep(pauseBefore(failed.error, timeouts));
    attempts++;
    const answer = await ask(request, route, timeouts);
    if (!(answer instanceof ProxyError)) return { ...answer, provider, attempts };
    failed = { error: answer, provider };
    if (request.client.signal.aborted || !mayGoOn(answer)) break;
    if (!mayAskAgain(answer)) done.add(route);
  }
  const { error = resting(0), provider } = failed ?? {};
  if (provider && error.failure && passesByItself(error.failure)) note(provider, error.failure);
  throw error;
}

async function ask(request: UpstreamRequest, route: ModelRoute, timeouts: Timeouts) {
  const { endpoint, stream, client } = request;
  const { headers } = client;
  const { provider } = route;
  const answer = await askProvider({ provider, endpoint, stream, headers, body: request.bodyFor(route) }, timeouts);
  breakerOf(provider).note(isAlive(answer), Date.now());
  const failure = answer instanceof ProxyError ? answer.failure : undefined;
  if (failure ? !passesByItself(failure) : !(answer instanceof ProxyError)) request.note(provider, failure);
  return answer;
}

/** Whether the provider works, by its answer; a 429 tells of our rate only. */
function isAlive(answer: ProviderAnswer | ProxyError): boolean | undefined {
  if (!(answer instanceof ProxyError)) return true;
  if (answer.kind === "upstream_failed" || answer.kind === "upstream_timeout") return false;
  return answer.kind === "upstream_busy" ? undefined : true;
}

/** The client's own mistake is the same everywhere; and whoever has waited for a timeout has waited enough. */
const mayGoOn = ({ kind }: ProxyError): boolean =>
  kind === "upstream_busy" || kind === "upstream_failed" || kind === "upstream_refused";

/** The same provider: not where it has refused our key or our model, nor sooner than it says. */
const mayAskAgain = ({ kind, retryAfterMs = 0 }: ProxyError): boolean =>
  kind !== "upstream_refused" && retryAfterMs <= LONGEST_WAIT_MS;

const pauseBefore = ({ retryAfterMs = 0 }: ProxyError, { backoff }: Timeouts): number =>
  Math.max(retryAfterMs, backoff * (0.5 + Math.random() / 2));

const resting = (retryAfterMs: number): ProxyError =>
  new ProxyError("upstream_busy", "The model is busy just now. Try again shortly.", {
    retryAfterMs: Math.min(retryAfterMs, 59_000),
    failure: "model_unavailable",
  });
