/** One model request from token to answer: reserve, forward, settle. */

import type { Ctx } from "../context.ts";
import type { ReserveAnswer } from "../contracts/meter.ts";
import type { Env } from "../env.ts";
import { dayIn, messagesIn } from "../messages/messages.ts";
import type { Endpoint } from "../models/endpoint.ts";
import type { ModelRoute } from "../models/model-table.ts";
import { answerHeaders } from "./answer-headers.ts";
import { authenticate } from "./authenticate.ts";
import { quotaResponse } from "./dialects/quota-message.ts";
import { createStreamOutput } from "./dialects/stream-output.ts";
import { upstreamBody } from "./dialects/upstream-body.ts";
import { type MeterClient, meterClient } from "./meter-client.ts";
import { type ModelCall, readModelCall } from "./model-call.ts";
import { errorEvent, keepaliveEvent, ProxyError } from "./proxy-error.ts";
import { readBody } from "./read-body.ts";
import { refusalError } from "./refusal.ts";
import { chargeOf, type RelayEnd, relay } from "./stream/relay.ts";
import { createStreamLease } from "./stream/stream-lease.ts";
import { createUsageTap } from "./stream/usage-tap.ts";
import { openUpstream, type Upstream } from "./upstream/open-upstream.ts";
import { TIMEOUTS } from "./upstream/timeouts.ts";
import { readWhole } from "./whole-answer.ts";

interface Exchange {
  ctx: Ctx;
  request: Request;
  call: ModelCall;
  meter: MeterClient;
  granted: Extract<ReserveAnswer, { ok: true }>;
  /** Epoch milliseconds. */
  arrivedAt: number;
}

/** Throws ProxyError for everything that is not an answer of the model. */
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
  const served = exchange({ ctx, request, call, meter, granted: answer, arrivedAt });
  // Goes on when the client leaves: what was begun must be booked.
  ctx.defer(served.catch(() => undefined));
  return served;
}

async function exchange(it: Exchange): Promise<Response> {
  const upstream = await forward(it);
  return it.call.stream ? streamed(it, upstream) : await whole(it, upstream);
}

function refuse(ctx: Ctx, call: ModelCall, refusal: Extract<ReserveAnswer, { ok: false }>): Response {
  const upgradeLink = `${ctx.config.PUBLIC_URL}/pricing`;
  const now = ctx.now().getTime();
  ctx.log.set({ reason: refusal.reason, outcome: "refused" });
  const { quota } = refusal;
  if (quota?.onQuotaExceeded !== "message" || call.endpoint === "embeddings")
    throw refusalError(refusal, { upgradeLink, now });
  return quotaResponse({
    dialect: call.dialect,
    stream: call.stream,
    model: String(call.body.model),
    id: ctx.requestId,
    text: messagesIn(quota.language).quotaExceeded({ date: dayIn(quota.language, quota.resetsAt), link: upgradeLink }),
    now,
  });
}

/** Opens a provider's answer; where there is none, the reservation is let go. */
async function forward(it: Exchange): Promise<Upstream> {
  const { ctx, request, call, meter, granted } = it;
  const { endpoint, stream, routes } = call;
  const bodyFor = ({ upstreamId }: ModelRoute): string => upstreamBody(call, upstreamId, granted.maxOutputTokens);
  try {
    const upstream = await openUpstream({ endpoint, stream, routes, bodyFor, client: request }, TIMEOUTS);
    const { provider, attempts, response } = upstream;
    ctx.log.set({ provider, attempts, upstream_status: response.status, first_byte_ms: Date.now() - it.arrivedAt });
    return upstream;
  } catch (error) {
    const { reservationId } = granted;
    await meter.settle({ reservationId, usage: null, outcome: "upstream_error", estimated: false });
    throw error;
  }
}

function streamed(it: Exchange, { response, abort }: Upstream): Response {
  const { ctx, request, call, granted } = it;
  const { readable, writable } = new IdentityTransformStream();
  const output = createStreamOutput(call.dialect);
  const tap = createUsageTap(call.dialect, call.dialect === "openai" && !call.wantsUsage, output.see);
  const lease = createStreamLease({
    meter: it.meter,
    granted,
    output,
    promptEstimate: call.promptEstimate,
    input: () => tap.usage()?.input,
    wantsUsage: call.wantsUsage,
  });
  const failure = (kind: ProxyError["kind"]) =>
    errorEvent(call.dialect, new ProxyError(kind, FAILURES[kind] ?? BROKEN), ctx.requestId);
  const relayed = relay({
    from: response.body ?? emptyStream(),
    to: writable,
    left: request.signal,
    tap,
    lease,
    abort,
    failure,
    keepalive: keepaliveEvent(call.dialect),
    timeouts: TIMEOUTS,
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
