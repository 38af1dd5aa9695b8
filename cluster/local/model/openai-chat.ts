import * as z from "zod";
import type { Finish } from "./answer.ts";
import { type Ask, BadRequest, type Usage } from "./ask.ts";
import { batches, DONE, data, type Frame } from "./event-stream.ts";
import { readPrompt } from "./prompt.ts";
import type { Protocol, Reply } from "./protocol.ts";
import { lastUserText, Turn, wishedTool } from "./user-text.ts";

/**
 * Where a stream tells its usage: in a trailing chunk with no choices if the client asked for it (OpenAI), or
 * always in the last choice as well (Moonshot).
 */
export type UsageShape = "trailing" | "choice";

const Body = z.looseObject({
  model: z.string(),
  messages: z.array(Turn).min(1),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().optional() }).nullish(),
  max_tokens: z.int().positive().nullish(),
  max_completion_tokens: z.int().positive().nullish(),
  tools: z.array(z.unknown()).nullish(),
  tool_choice: z.unknown().optional(),
  reasoning_effort: z.string().nullish(),
  thinking: z.looseObject({ type: z.string() }).nullish(),
});

const ForcedTool = z.looseObject({ function: z.looseObject({ name: z.string() }) });

const FINISH = { stop: "stop", length: "length", tool: "tool_calls" } as const satisfies Record<Finish, string>;

/** `POST /v1/chat/completions` (platform.moonshot.ai/docs/api/chat). */
export const openaiChat = (usageShape: UsageShape): Protocol => ({
  parse,
  whole,
  frames: (reply, ask) => frames(reply, ask.includeUsage, usageShape),
});

function parse(body: unknown): Ask {
  const parsed = Body.safeParse(body);
  if (!parsed.success) throw new BadRequest(z.prettifyError(parsed.error));
  const { model, messages, stream, stream_options, max_completion_tokens, max_tokens, tools, thinking } = parsed.data;
  return {
    model,
    stream: stream ?? false,
    maxTokens: max_completion_tokens ?? max_tokens ?? undefined,
    userText: lastUserText(messages),
    prompt: readPrompt(tools, messages),
    thinks: thinks(thinking?.type, parsed.data.reasoning_effort),
    tool: forcedTool(parsed.data.tool_choice) ?? wishedTool(messages),
    includeUsage: stream_options?.include_usage ?? false,
  };
}

function forcedTool(choice: unknown): Ask["tool"] {
  const forced = ForcedTool.safeParse(choice).data?.function.name;
  return forced === undefined ? undefined : { name: forced, arguments: "{}" };
}

const thinks = (thinking: string | undefined, effort: string | null | undefined): boolean =>
  thinking === undefined ? effort != null && effort !== "none" : thinking === "enabled";

/** `cached_tokens` is Moonshot's own place for the figure, the details are OpenAI's. */
export const openaiUsage = ({ input, cached, output }: Usage) => ({
  prompt_tokens: input,
  completion_tokens: output,
  total_tokens: input + output,
  cached_tokens: cached,
  prompt_tokens_details: { cached_tokens: cached },
});

function whole({ id, model, created, answer, usage }: Reply): object {
  const { reasoning, text, toolCall, finish } = answer;
  const message = {
    role: "assistant",
    content: text.length > 0 ? text.join("") : toolCall ? null : "",
    ...(reasoning.length > 0 && { reasoning_content: reasoning.join("") }),
    ...(toolCall && { tool_calls: [functionCall(toolCall.id, toolCall.name, toolCall.arguments.join(""))] }),
  };
  return {
    id,
    object: "chat.completion",
    created,
    model,
    choices: [{ index: 0, message, finish_reason: FINISH[finish] }],
    ...(usage && { usage: openaiUsage(usage) }),
  };
}

const functionCall = (id: string, name: string, args: string) => ({
  id,
  type: "function",
  function: { name, arguments: args },
});

function frames({ id, model, created, answer, usage }: Reply, includeUsage: boolean, usageShape: UsageShape): Frame[] {
  const head = { id, object: "chat.completion.chunk", created, model };
  const chunk = (delta: object, tokens = 0) =>
    data({ ...head, choices: [{ index: 0, delta, finish_reason: null }] }, tokens);
  const figures = usage && openaiUsage(usage);
  const last = {
    index: 0,
    delta: {},
    finish_reason: FINISH[answer.finish],
    ...(usageShape === "choice" && figures && { usage: figures }),
  };
  return [
    chunk({ role: "assistant", content: "" }),
    ...batches(answer.reasoning).map(({ text, tokens }) => chunk({ reasoning_content: text }, tokens)),
    ...batches(answer.text).map(({ text, tokens }) => chunk({ content: text }, tokens)),
    ...toolFrames(answer.toolCall, chunk),
    data({ ...head, choices: [last] }),
    ...(includeUsage && figures ? [data({ ...head, choices: [], usage: figures })] : []),
    DONE,
  ];
}

function toolFrames(call: Reply["answer"]["toolCall"], chunk: (delta: object, tokens?: number) => Frame): Frame[] {
  if (!call) return [];
  return [
    chunk({ tool_calls: [{ index: 0, ...functionCall(call.id, call.name, "") }] }),
    ...batches(call.arguments).map(({ text, tokens }) =>
      chunk({ tool_calls: [{ index: 0, function: { arguments: text } }] }, tokens),
    ),
  ];
}
