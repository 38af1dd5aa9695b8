/** One model request from token to answer: reserve, forward, settle. */

import type { Language } from "#schema/domain/models.ts";
import type { Ctx } from "../context.ts";
import type { Granted, ReserveAnswer } from "../contracts/meter.ts";
import type { Env } from "../env.ts";
import { dayIn, messagesIn } from "../messages/messages.ts";
import type { Endpoint } from "../models/endpoint.ts";
import type { ModelRoute } from "../models/model-table.ts";
import { answerHeaders } from "./answer-headers.ts";
import { authenticate } from "./authenticate.ts";
import { messageResponse } from "./dialects/assistant-message.ts";
import { createStreamOutput } from "./dialects/stream-output.ts";
import { upstreamBody } from "./dialects/upstream-body.ts";
import { type MeterClient, meterClient } from "./meter-client.ts";
import { type ModelCall, readModelCall } from "./model-call.ts";
import { noteProvider } from "./provider-health.ts";
import { errorEvent, keepaliveEvent, ProxyError } from "./proxy-error.ts";
import { readBody } from "./read-body.ts";
import { refusalError } from "./refusal.ts";
import { chargeOf, type RelayEnd, relay } from "./stream/relay.ts";
import { createStreamLease } from "./stream/stream-lease.ts";
import { createUsageTap } from "./stream/usage-tap.ts";
import { assistantMessage, isTurn, languageFor, tellFailure } from "./told-failure.ts";
import { isUnheardVoice } from "./unheard-voice.ts";
import { openUpstream, type Upstream, type UpstreamRequest } from "./upstream/open-upstream.ts";
import { OWNERS_TIMEOUTS, TIMEOUTS, type Timeouts } from "./upstream/timeouts.ts";
import { readWhole } from "./whole-answer.ts";

interface Exchange {
  ctx: Ctx;
  request: Request;
  call: ModelCall;
  meter: MeterClient;
  granted: Granted;
  timeouts: Timeouts;
  /** Epoch milliseconds. */
  arrivedAt: number;
}

/** Throws ProxyError for everything that is not an answer of the model, nor told in place of one. */
export async function serveModel(env: Env, ctx: Ctx, request: Request, endpoint: Endpoint): Promise<Response> {
  const arrivedAt = Date.now();
  const caller = await authenticate(request.headers, await ctx.tokenKeys);
  ctx.log.set({ customer_id: caller.customerId });
  const call = readModelCall(ctx.config.MODEL_TABLE, endpoint, await readBody(request));
  ctx.log.set({ model: call.model.id, stream: call.stream });
  const askedAt = Date.now();
  const meter = meterClient(env.TOKEN_METER, caller.customerId);
  const answer = await meter.reserve({
    ...caller,
    requestId: ctx.requestId,
    model: call.model.id,
    promptBytes: call.promptBytes,
    promptEstimate: call.promptEstimate,
    maxOutput: call.maxOutput,
    sliced: isSliced(call),
  });
  ctx.log.set({ meter_ms: Date.now() - askedAt });
  if (!answer.ok) return refuse(ctx, call, answer);
  const timeouts = { ...TIMEOUTS, ...(languageFor(call, answer) && OWNERS_TIMEOUTS) };
  const served = exchange({ ctx, request, call, meter, granted: answer, arrivedAt, timeouts });
  // Goes on when the client leaves: what was begun must be booked.
  ctx.defer(served.catch(() => undefined));
  return served;
}

async function exchange(it: Exchange): Promise<Response> {
  try {
    const language = languageFor(it.call, it.granted);
    if (language && isUnheardVoice(it.call.body)) return await sayUnheard(it, language);
    const upstream = await forward(it);
    return it.call.stream ? streamed(it, upstream) : await whole(it, upstream);
  } catch (error) {
    if (!(error instanceof ProxyError)) throw error;
    return tellFailure(it.ctx, it.call, it.granted, error);
  }
}

/** In words of ours, and free. */
async function sayUnheard({ ctx, call, meter, granted }: Exchange, language: Language): Promise<Response> {
  const { reservationId } = granted;
  ctx.log.set({ reason: "voice_unheard", outcome: "refused" });
  await meter.settle({ reservationId, usage: null, outcome: "completed", estimated: false });
  return messageResponse(assistantMessage(ctx, call, messagesIn(language).voiceUnheard));
}

function refuse(ctx: Ctx, call: ModelCall, refusal: Extract<ReserveAnswer, { ok: false }>): Response {
  const upgradeLink = `${ctx.config.PUBLIC_URL}/pricing`;
  const now = ctx.now().getTime();
  ctx.log.set({ reason: refusal.reason, outcome: "refused" });
  const { quota } = refusal;
  if (quota?.onQuotaExceeded !== "message" || !isTurn(call)) throw refusalError(refusal, { upgradeLink, now });
  const { language, resetsAt } = quota;
  const text = messagesIn(language).quotaExceeded({ date: dayIn(language, resetsAt), link: upgradeLink });
  return messageResponse(assistantMessage(ctx, call, text));
}

/** Opens a provider's answer; where there is none, the reservation is let go. */
async function forward(it: Exchange): Promise<Upstream> {
  const { ctx, request, call, meter, granted } = it;
  const { endpoint, stream, routes } = call;
  const note: UpstreamRequest["note"] = (provider, failure) => noteProvider(ctx, provider, failure);
  const bodyFor = ({ upstreamId }: ModelRoute): string => upstreamBody(call, upstreamId, granted.maxOutputTokens);
  try {
    const upstream = await openUpstream({ endpoint, stream, routes, bodyFor, client: request, note }, it.timeouts);
    const { provider, attempts, response } = upstream;
    ctx.log.set({
      provider: provider.id,
      attempts,
      upstream_status: response.status,
      first_byte_ms: Date.now() - it.arrivedAt,
    });
    return upstream;
  } catch (error) {
    const { reservationId } = granted;
    await meter.settle({ reservationId, usage: null, outcome: "upstream_error", estimated: false });
    throw error;
  }
}

function streamed(it: Exchange, { response, abort, provider }: Upstream): Response {
  const { ctx, request, call, granted } = it;
  const { readable, writable } = new IdentityTransformStream();
  const output = createStreamOutput(call.dialect);
  const language = languageFor(call, granted);
  const dropUsage = call.dialect === "openai" && !call.wantsUsage;
  const tap = createUsageTap(call.dialect, dropUsage, output.see, language !== undefined);
  const lease = createStreamLease({
    meter: it.meter,
    granted,
    output,
    promptEstimate: call.promptEstimate,
    input: () => tap.usage()?.input,
    wantsUsage: call.wantsUsage,
  });
  const failure = (kind: ProxyError["kind"]): Uint8Array => {
    const isProviders = kind.startsWith("upstream_");
    if (isProviders) noteProvider(ctx, provider, "model_unavailable");
    const told = isProviders && language && output.brokenOff(brokenMessage(it, language));
    return told || errorEvent(call.dialect, new ProxyError(kind, FAILURES[kind] ?? BROKEN), ctx.requestId);
  };
  const relayed = relay({
    from: response.body ?? emptyStream(),
    to: writable,
    left: request.signal,
    tap,
    lease,
    abort,
    failure,
    isDone: language && output.finished,
    keepalive: keepaliveEvent(call.dialect),
    timeouts: it.timeouts,
  });
  finish(
    ctx,
    relayed.then((end) => book(it, end)),
  );
  const contentType = response.headers.get("content-type") ?? "text/event-stream; charset=utf-8";
  return new Response(readable, { headers: answerHeaders(granted.standing, contentType, ctx.now().getTime()) });
}

/** Where we know how to end a stream well-formed, its output is leased as it flows. */
const isSliced = ({ stream, dialect }: ModelCall): boolean => stream && dialect !== "responses";

const brokenMessage = ({ ctx, call }: Exchange, language: Language) =>
  assistantMessage(ctx, call, messagesIn(language).answerBrokeOff);

const BROKEN = "The model provider broke off its answer";
/** What a client is told of a stream that ended for a reason of ours. */
const FAILURES: Partial<Record<ProxyError["kind"], string>> = {
  invalid_api_key: "This token was revoked",
  suspended: "This agent was suspended",
  unavailable: "The service can't go on with this answer. Try again.",
};

async function whole(it: Exchange, upstream: Upstream): Promise<Response> {
  const { ctx, call, granted } = it;
  try {
    const { bytes, end } = await readWhole(call.endpoint, upstream);
    finish(ctx, book(it, end));
    const contentType = upstream.response.headers.get("content-type") ?? "application/json";
    return new Response(bytes, { headers: answerHeaders(granted.standing, contentType, ctx.now().getTime()) });
  } catch (error) {
    noteProvider(ctx, upstream.provider, "model_unavailable");
    await book(it, { outcome: "upstream_error", report: undefined, outputEvents: 0 });
    throw error;
  }
}

/** What is left to do when the answer is on its way: the log's line waits for it, the client doesn't. */
function finish(ctx: Ctx, work: Promise<void>): void {
  ctx.log.until(work);
  ctx.defer(work);
}

const emptyStream = (): ReadableStream<Uint8Array> => new ReadableStream({ start: (controller) => controller.close() });

async function book({ ctx, call, meter, granted }: Exchange, end: RelayEnd): Promise<void> {
  const { usage, estimated } = chargeOf(end, call.promptEstimate);
  await meter.settle({ reservationId: granted.reservationId, usage, outcome: end.outcome, estimated });
  ctx.log.set({ outcome: end.outcome });
  if (!usage) return;
  const { inputTokens: input_tokens, cachedInputTokens: cached_input_tokens, outputTokens: output_tokens } = usage;
  ctx.log.set({ input_tokens, cached_input_tokens, output_tokens, estimated });
}
