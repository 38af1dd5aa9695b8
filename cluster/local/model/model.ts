import { Hono } from "hono";
import type { StandIn } from "../http/stand-in.ts";
import { compose, outputTokens } from "./answer.ts";
import { anthropicMessages, readCountRequest } from "./anthropic-messages.ts";
import { type Ask, BadRequest, type Usage } from "./ask.ts";
import { embed } from "./embeddings.ts";
import { eventStream } from "./event-stream.ts";
import { createFaults, type Fault, type FaultPlan, type Faults, find } from "./faults.ts";
import { openaiChat, type UsageShape } from "./openai-chat.ts";
import { openaiResponses } from "./openai-responses.ts";
import { promptTokens } from "./prompt.ts";
import type { Protocol } from "./protocol.ts";
import { createRecorder, type ModelRequest, type Recorder, type Totals } from "./record.ts";
import { sharedPrefixTokens } from "./tokens.ts";
import { type ErrorShape, errorResponse } from "./vendor-errors.ts";

export interface ModelOptions {
  /** The only key it takes. */
  apiKey: string;
  /** Between two events of a stream. Default 15 ms. */
  chunkDelayMs?: number;
  /** Where chat streams tell their usage. Default "trailing", OpenAI's way. */
  usageShape?: UsageShape;
  faults?: readonly FaultPlan[];
  now?: () => Date;
}

export interface ModelStandIn extends StandIn {
  faults: Faults;
  requests(): ModelRequest[];
  totals(): Totals;
}

interface Provider {
  options: ModelOptions;
  now: () => Date;
  faults: Faults;
  recorder: Recorder;
  /** The last prompt of each model, for the cache figure. */
  seen: Map<string, string>;
  answers: number;
  closed: AbortController;
}

const MODELS = ["kimi-k2.5", "kimi-k2-0905-preview", "kimi-k2-turbo-preview", "kimi-k2-thinking", "moonshot-v1-8k"];

/**
 * A model provider with Moonshot's two APIs, OpenAI's below `/v1` and Anthropic's below `/anthropic/v1`. Its
 * answers say what it was told, and every figure can be worked out again.
 */
export function createModel(options: ModelOptions): ModelStandIn {
  const now = options.now ?? (() => new Date());
  const faults = createFaults(options.faults);
  const recorder = createRecorder(now);
  const provider: Provider = {
    options,
    now,
    faults,
    recorder,
    seen: new Map(),
    answers: 0,
    closed: new AbortController(),
  };
  return {
    app: routes(provider),
    faults,
    requests: recorder.requests,
    totals: recorder.totals,
    async close() {
      provider.closed.abort();
    },
  };
}

function routes(provider: Provider): Hono {
  const app = new Hono();
  app.use(async (c, next) => {
    const shape = shapeOf(c.req.path);
    if (!authorized(c.req.raw.headers, provider.options.apiKey)) {
      return errorResponse(shape, { status: 401, message: "Invalid Authentication" });
    }
    return next();
  });
  const answers: [string, Protocol][] = [
    ["/v1/chat/completions", openaiChat(provider.options.usageShape ?? "trailing")],
    ["/v1/responses", openaiResponses],
    ["/anthropic/v1/messages", anthropicMessages],
  ];
  for (const [path, protocol] of answers) {
    app.post(path, (c) =>
      withFaults(provider, c.req.raw, (body, faults) => answer(provider, protocol, path, body, faults)),
    );
  }
  app.post("/v1/embeddings", (c) => withFaults(provider, c.req.raw, (body) => embeddings(provider, body)));
  app.post("/anthropic/v1/messages/count_tokens", (c) =>
    withFaults(provider, c.req.raw, (body) => Response.json({ input_tokens: promptTokens(readCountRequest(body)) })),
  );
  app.get("/v1/models", (c) =>
    c.json({ object: "list", data: MODELS.map((id) => ({ id, object: "model", owned_by: "moonshot", created: 0 })) }),
  );
  app.all("*", (c) =>
    errorResponse(shapeOf(c.req.path), { status: 404, message: `There is no ${c.req.method} ${c.req.path}` }),
  );
  return app;
}

const shapeOf = (path: string): ErrorShape => (path.includes("/anthropic/") ? "anthropic" : "openai");

function authorized(headers: Headers, apiKey: string): boolean {
  return headers.get("authorization") === `Bearer ${apiKey}` || headers.get("x-api-key") === apiKey;
}

async function withFaults(
  { faults, closed }: Provider,
  request: Request,
  handle: (body: unknown, faults: Fault[]) => Response,
): Promise<Response> {
  const shape = shapeOf(new URL(request.url).pathname);
  const hit = faults.take();
  const body: unknown = await request.json().catch(() => undefined);
  if (find(hit, "hang")) await gone(AbortSignal.any([request.signal, closed.signal]));
  const planned = find(hit, "status");
  if (planned) return errorResponse(shape, { ...planned, message: `A planned fault: status ${planned.status}` });
  try {
    return handle(body, hit);
  } catch (error) {
    if (error instanceof BadRequest) return errorResponse(shape, { status: 400, message: error.message });
    throw error;
  }
}

const gone = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) =>
    signal.aborted ? resolve() : signal.addEventListener("abort", () => resolve(), { once: true }),
  );

function answer(provider: Provider, protocol: Protocol, path: string, body: unknown, faults: Fault[]): Response {
  const ask = protocol.parse(body);
  if (!/^(kimi|moonshot)-/.test(ask.model)) {
    return errorResponse(shapeOf(path), {
      status: 404,
      message: `Not found the model ${ask.model} or Permission denied`,
    });
  }
  const number = ++provider.answers;
  const composed = compose(ask, number, find(faults, "ignore_max_tokens") ? undefined : ask.maxTokens);
  const usage: Usage = { ...readFigures(provider, ask), output: outputTokens(composed) };
  const told = find(faults, "usage");
  const reply = {
    id: `standin-${number}`,
    model: ask.model,
    created: Math.floor(provider.now().getTime() / 1000),
    answer: composed,
    usage: told ? (told.usage === null ? undefined : { ...usage, ...told.usage }) : usage,
  };
  const record = provider.recorder.begin(path, ask, usage);
  const end = (output: number, outcome: ModelRequest["outcome"]) => {
    record.usage.output = output;
    record.outcome = outcome;
  };
  if (!ask.stream) {
    end(usage.output, "done");
    return Response.json(protocol.whole(reply));
  }
  return eventStream(protocol.frames(reply, ask), {
    delayMs: find(faults, "slow")?.chunkDelayMs ?? provider.options.chunkDelayMs ?? 15,
    cutAfter: find(faults, "cut")?.afterEvents,
    stallAfter: find(faults, "stall")?.afterEvents,
    onEnd: end,
  });
}

/** What is read counts as cached as far as the model's last prompt began the same way. */
function readFigures({ seen }: Provider, { model, prompt }: Ask): Pick<Usage, "input" | "cached"> {
  const cached = sharedPrefixTokens(seen.get(model) ?? "", prompt.text);
  seen.set(model, prompt.text);
  return { input: promptTokens(prompt), cached };
}

function embeddings({ recorder }: Provider, body: unknown): Response {
  const embedded = embed(body);
  const ask = { model: embedded.model, stream: false, userText: "" };
  recorder.begin("/v1/embeddings", ask, { input: embedded.tokens, cached: 0 }).outcome = "done";
  return Response.json(embedded.body);
}
