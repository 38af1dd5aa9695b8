import * as z from "zod";
import { batches, type Frame, named } from "./event-stream.ts";
import type { Ask, Protocol, Reply, Usage } from "./protocol.ts";
import { promptTokens, readPrompt } from "./tokens.ts";
import { lastUserText, Turn, wishedTool } from "./user-text.ts";

const Counted = z.looseObject({
  model: z.string(),
  messages: z.array(Turn).min(1),
  system: z.unknown().optional(),
  tools: z.array(z.unknown()).optional(),
});

const Body = Counted.extend({
  max_tokens: z.int().positive(),
  stream: z.boolean().optional(),
  tool_choice: z.looseObject({ type: z.string(), name: z.string().optional() }).optional(),
  thinking: z.looseObject({ type: z.string() }).optional(),
});

const STOP_REASON = { stop: "end_turn", length: "max_tokens", tool: "tool_use" } as const;

/** `POST /anthropic/v1/messages` (docs.claude.com/en/api/messages, as Moonshot serves it). */
export const anthropicMessages: Protocol = { parse, whole, frames };

function parse(body: unknown): Ask {
  const { messages, system, tools, tool_choice: choice, ...asked } = Body.parse(body);
  const forced = choice?.type === "tool" && choice.name ? { name: choice.name, arguments: "{}" } : undefined;
  return {
    model: asked.model,
    stream: asked.stream ?? false,
    maxTokens: asked.max_tokens,
    userText: lastUserText(messages),
    prompt: readPrompt(tools, system, messages),
    thinks: asked.thinking !== undefined && asked.thinking.type !== "disabled",
    tool: forced ?? wishedTool(messages),
    includeUsage: true,
  };
}

/** `POST /anthropic/v1/messages/count_tokens`: read as a request for an answer is. @throws ZodError */
export function countInput(body: unknown): { input_tokens: number } {
  const { tools, system, messages } = Counted.parse(body);
  return { input_tokens: promptTokens(readPrompt(tools, system, messages)) };
}

/** Anthropic's `input_tokens` leaves out what came from the cache. */
const usageOf = ({ input, cached, output }: Usage) => ({
  input_tokens: input - cached,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: cached,
  output_tokens: output,
});

/** A part of the answer: whole, as it begins in a stream, and how its tokens follow. */
interface Block {
  whole: object;
  start: object;
  tokens: string[];
  delta(text: string): object;
  end?: object;
}

function blocksOf({ reasoning, text, toolCall }: Reply["answer"]): Block[] {
  if (toolCall) return [...thinkingOf(reasoning), toolUse(toolCall)];
  const whole = { type: "text", text: text.join("") };
  const said = { whole, start: { type: "text", text: "" }, tokens: text };
  return [...thinkingOf(reasoning), { ...said, delta: (piece) => ({ type: "text_delta", text: piece }) }];
}

function thinkingOf(tokens: string[]): Block[] {
  if (tokens.length === 0) return [];
  const block = (thinking: string, signature: string) => ({ type: "thinking", thinking, signature });
  const delta = (thinking: string) => ({ type: "thinking_delta", thinking });
  const end = { type: "signature_delta", signature: "stand-in" };
  return [{ whole: block(tokens.join(""), "stand-in"), start: block("", ""), tokens, delta, end }];
}

function toolUse({ id, name, arguments: tokens }: NonNullable<Reply["answer"]["toolCall"]>): Block {
  const block = (input: unknown) => ({ type: "tool_use", id, name, input });
  const delta = (partial_json: string) => ({ type: "input_json_delta", partial_json });
  return { whole: block(JSON.parse(tokens.join(""))), start: block({}), tokens, delta };
}

const message = ({ id, model }: Reply) => ({
  id,
  type: "message",
  role: "assistant",
  model,
  content: [] as object[],
  stop_reason: null as string | null,
  stop_sequence: null,
});

function whole(reply: Reply): object {
  const { answer, usage } = reply;
  return {
    ...message(reply),
    content: blocksOf(answer).map((block) => block.whole),
    stop_reason: STOP_REASON[answer.finish],
    ...(usage && { usage: usageOf(usage) }),
  };
}

function frames(reply: Reply): Frame[] {
  const { answer, usage } = reply;
  const figures = usage && { usage: usageOf(usage) };
  const started = usage && { usage: usageOf({ ...usage, output: 0 }) };
  return [
    named("message_start", { message: { ...message(reply), ...started } }),
    ...blocksOf(answer).flatMap((block, index) => [
      named("content_block_start", { index, content_block: block.start }),
      ...batches(block.tokens).map(({ text, tokens }) =>
        named("content_block_delta", { index, delta: block.delta(text) }, tokens),
      ),
      ...(block.end ? [named("content_block_delta", { index, delta: block.end })] : []),
      named("content_block_stop", { index }),
    ]),
    named("message_delta", { delta: { stop_reason: STOP_REASON[answer.finish], stop_sequence: null }, ...figures }),
    named("message_stop", {}),
  ];
}
