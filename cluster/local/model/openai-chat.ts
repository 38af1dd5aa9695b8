import * as z from "zod";
import { batches, DONE, data, type Frame } from "./event-stream.ts";
import type { Ask, Protocol, Reply, Usage } from "./protocol.ts";
import { readPrompt } from "./tokens.ts";
import { lastUserText, Turn, wishedTool } from "./user-text.ts";

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

const FINISH = { stop: "stop", length: "length", tool: "tool_calls" } as const;

/** `POST /v1/chat/completions` (platform.moonshot.ai/docs/api/chat). */
export const openaiChat: Protocol = { parse, whole, frames };

function parse(body: unknown): Ask {
  const { messages, tools, thinking, ...asked } = Body.parse(body);
  const { reasoning_effort: effort } = asked;
  return {
    model: asked.model,
    stream: asked.stream ?? false,
    maxTokens: asked.max_completion_tokens ?? asked.max_tokens ?? undefined,
    userText: lastUserText(messages),
    prompt: readPrompt(tools, messages),
    thinks: thinking ? thinking.type === "enabled" : effort != null && effort !== "none",
    tool: forcedTool(asked.tool_choice) ?? wishedTool(messages),
    includeUsage: asked.stream_options?.include_usage ?? false,
  };
}

function forcedTool(choice: unknown): Ask["tool"] {
  const forced = ForcedTool.safeParse(choice).data?.function.name;
  return forced === undefined ? undefined : { name: forced, arguments: "{}" };
}

/** `cached_tokens` is Moonshot's own place for the figure, the details are OpenAI's. */
const usageOf = ({ input, cached, output }: Usage) => ({
  prompt_tokens: input,
  completion_tokens: output,
  total_tokens: input + output,
  cached_tokens: cached,
  prompt_tokens_details: { cached_tokens: cached },
});

const functionCall = (call: { id: string; name: string }, args: string) => ({
  id: call.id,
  type: "function",
  function: { name: call.name, arguments: args },
});

function whole({ id, model, created, answer, usage }: Reply): object {
  const { reasoning, text, toolCall, finish } = answer;
  const message = {
    role: "assistant",
    content: toolCall ? null : text.join(""),
    ...(reasoning.length > 0 && { reasoning_content: reasoning.join("") }),
    ...(toolCall && { tool_calls: [functionCall(toolCall, toolCall.arguments.join(""))] }),
  };
  const choices = [{ index: 0, message, finish_reason: FINISH[finish] }];
  return { id, object: "chat.completion", created, model, choices, ...(usage && { usage: usageOf(usage) }) };
}

function frames({ id, model, created, answer, usage }: Reply, { includeUsage }: Ask): Frame[] {
  const head = { id, object: "chat.completion.chunk", created, model };
  const chunk = (delta: object, tokens = 0, finish_reason: string | null = null) =>
    data({ ...head, choices: [{ index: 0, delta, finish_reason }] }, tokens);
  const call = answer.toolCall;
  return [
    chunk({ role: "assistant", content: "" }),
    ...batches(answer.reasoning).map(({ text, tokens }) => chunk({ reasoning_content: text }, tokens)),
    ...batches(answer.text).map(({ text, tokens }) => chunk({ content: text }, tokens)),
    ...(call ? [chunk({ tool_calls: [{ index: 0, ...functionCall(call, "") }] })] : []),
    ...batches(call?.arguments ?? []).map(({ text, tokens }) =>
      chunk({ tool_calls: [{ index: 0, function: { arguments: text } }] }, tokens),
    ),
    chunk({}, 0, FINISH[answer.finish]),
    ...(includeUsage && usage ? [data({ ...head, choices: [], usage: usageOf(usage) })] : []),
    DONE,
  ];
}
