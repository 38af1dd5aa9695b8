import { type Context, Hono } from "hono";
import * as z from "zod";
import type { StandIn } from "../http/stand-in.ts";
import { compose, outputTokens } from "./answer.ts";
import { anthropicMessages, countInput } from "./anthropic-messages.ts";
import { embed } from "./embeddings.ts";
import { errorResponse } from "./error-response.ts";
import { eventStream } from "./event-stream.ts";
import { type Fault, Faults, find } from "./faults.ts";
import { openaiChat } from "./openai-chat.ts";
import { openaiResponses } from "./openai-responses.ts";
import type { Ask, Protocol, Reply, Usage } from "./protocol.ts";
import { promptTokens, sharedPrefixTokens } from "./tokens.ts";

export interface ModelOptions {
  /** The only key that it accepts. */
  apiKey: string;
  /** Between two events of a stream. Default 15 ms. */
  chunkDelayMs?: number;
}

/** A request for an answer as the model saw it. */
export interface ModelRequest {
  /** The real token counts; for a stream that ended early, those sent until then. */
  usage: Usage;
  /** `aborted`: the client left; `cut`: a planned fault; `running`: not over yet. */
  outcome: "running" | "done" | "aborted" | "cut";
}

export interface ModelStandIn extends StandIn {
  faults: Faults;
  /** For tests to compare a ledger with. */
  requests(): ModelRequest[];
}

/**
 * A model provider with Moonshot's two APIs, OpenAI's below `/v1` and Anthropic's below `/anthropic/v1`. Its
 * answers say what it was told, and every figure can be worked out again.
 */
export function createModel({ apiKey, chunkDelayMs = 15 }: ModelOptions): ModelStandIn {
  const faults = new Faults();
  const requests: ModelRequest[] = [];
  /** The last prompt of each model, for the cache figure. */
  const seen = new Map<string, string>();

  /** Input counts as cached as far as it equals the start of the model's last prompt. */
  const read = ({ model, prompt }: Ask): Usage => {
    const cached = sharedPrefixTokens(seen.get(model) ?? "", prompt.text);
    seen.set(model, prompt.text);
    return { input: promptTokens(prompt), cached, output: 0 };
  };

  const answer = (protocol: Protocol) => (body: unknown, hit: Fault[], path: string) => {
    const ask = protocol.parse(body);
    if (!/^(kimi|moonshot)-/.test(ask.model))
      return errorResponse(path, 404, `Not found the model ${ask.model} or Permission denied`);
    const request: ModelRequest = { usage: read(ask), outcome: "running" };
    const number = requests.push(request);
    const reply = replyOf(ask, number, request.usage, hit);
    const end = (output: number, outcome: ModelRequest["outcome"]) => {
      Object.assign(request, { usage: { ...request.usage, output }, outcome });
    };
    if (ask.stream)
      return eventStream(protocol.frames(reply, ask), find(hit, "slow")?.chunkDelayMs ?? chunkDelayMs, hit, end);
    end(outputTokens(reply.answer), "done");
    return Response.json(protocol.whole(reply));
  };

  const app = new Hono();
  app.use((c, next) =>
    isAuthorized(c, apiKey) ? next() : Promise.resolve(errorResponse(c.req.path, 401, "Invalid Authentication")),
  );
  app.post("/v1/chat/completions", withFaults(faults, answer(openaiChat)));
  app.post("/v1/responses", withFaults(faults, answer(openaiResponses)));
  app.post("/anthropic/v1/messages", withFaults(faults, answer(anthropicMessages)));
  app.post(
    "/v1/embeddings",
    withFaults(faults, (body) => Response.json(embed(body))),
  );
  app.post(
    "/anthropic/v1/messages/count_tokens",
    withFaults(faults, (body) => Response.json(countInput(body))),
  );
  app.all("*", (c) => errorResponse(c.req.path, 404, `There is no ${c.req.method} ${c.req.path}`));
  return { app, faults, requests: () => structuredClone(requests), close: async () => {} };
}

function isAuthorized(c: Context, apiKey: string): boolean {
  return c.req.header("authorization") === `Bearer ${apiKey}` || c.req.header("x-api-key") === apiKey;
}

function replyOf(ask: Ask, number: number, read: Usage, hit: Fault[]): Reply {
  const answer = compose(ask, number, find(hit, "ignore_max_tokens") ? undefined : ask.maxTokens);
  const usage = { ...read, output: outputTokens(answer) };
  const told = find(hit, "usage");
  return {
    id: `standin-${number}`,
    model: ask.model,
    created: Math.floor(Date.now() / 1000),
    answer,
    usage: told ? (told.usage === null ? undefined : { ...usage, ...told.usage }) : usage,
  };
}

type Handle = (body: unknown, hit: Fault[], path: string) => Response;

const withFaults = (faults: Faults, handle: Handle) => async (c: Context) => {
  const hit = faults.take();
  const { path } = c.req;
  const body: unknown = await c.req.json().catch(() => undefined);
  const planned = find(hit, "status");
  if (planned)
    return errorResponse(
      path,
      planned.status,
      planned.message ?? `A planned fault: status ${planned.status}`,
      planned.retryAfter,
    );
  if (find(hit, "page"))
    return new Response("<html><title>Welcome</title></html>", { headers: { "content-type": "text/html" } });
  try {
    return handle(body, hit, path);
  } catch (error) {
    if (error instanceof z.ZodError) return errorResponse(path, 400, z.prettifyError(error));
    throw error;
  }
};
