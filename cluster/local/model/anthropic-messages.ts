import * as z from "zod";
import type { Finish } from "./answer.ts";
import { type Ask, BadRequest, type Usage } from "./ask.ts";
import { batches, type Frame, named } from "./event-stream.ts";
import { readPrompt } from "./prompt.ts";
import type { Protocol, Reply } from "./protocol.ts";
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

const STOP_REASON = { stop: "end_turn", length: "max_tokens", tool: "tool_use" } as const satisfies Record<
  Finish,
  string
>;

/** `POST /anthropic/v1/messages` (docs.claude.com/en/api/messages, as Moonshot serves it). */
export const anthropicMessages: Protocol = { parse, whole, frames };

function parse(body: unknown): Ask {
  const parsed = Body.safeParse(body);
  if (!parsed.success) throw new BadRequest(z.prettifyError(parsed.error));
  const { model, messages, system, tools, stream, max_tokens, tool_choice, thinking } = parsed.data;
  return {
    model,
    stream: stream ?? false,
    maxTokens: max_tokens,
    userText: lastUserText(messages),
    prompt: readPrompt(tools, system, messages),
    thinks: thinking !== undefined && thinking.type !== "disabled",
    tool: forcedTool(tool_choice) ?? wishedTool(messages),
    includeUsage: true,
  };
}

const forcedTool = (choice: { type: string; name?: string | undefined } | undefined): Ask["tool"] =>
  choice?.type === "tool" && choice.name !== undefined ? { name: choice.name, arguments: "{}" } : undefined;

/** The same reading as a request for an answer gets. @throws BadRequest */
export function readCountRequest(body: unknown) {
  const parsed = Counted.safeParse(body);
  if (!parsed.success) throw new BadRequest(z.prettifyError(parsed.error));
  return readPrompt(parsed.data.tools, parsed.data.system, parsed.data.messages);
}

/** Anthropic's `input_tokens` leaves out what came from the cache. */
const anthropicUsage = ({ input, cached, output }: Usage) => ({
  input_tokens: input - cached,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: cached,
  output_tokens: output,
});

function whole({ id, model, answer, usage }: Reply): object {
  const { reasoning, text, toolCall, finish } = answer;
  const content = [
    ...(reasoning.length > 0 ? [{ type: "thinking", thinking: reasoning.join(""), signature: "stand-in" }] : []),
    ...(text.length > 0 ? [{ type: "text", text: text.join("") }] : []),
    ...(toolCall ? [toolUse(toolCall, JSON.parse(toolCall.arguments.join("")))] : []),
  ];
  return {
    ...message(id, model),
    content,
    stop_reason: STOP_REASON[finish],
    ...(usage && { usage: anthropicUsage(usage) }),
  };
}

const message = (id: string, model: string) => ({
  id,
  type: "message",
  role: "assistant",
  model,
  content: [] as object[],
  stop_reason: null as string | null,
  stop_sequence: null,
});

const toolUse = ({ id, name }: { id: string; name: string }, input: unknown) => ({ type: "tool_use", id, name, input });

function frames({ id, model, answer, usage }: Reply): Frame[] {
  const figures = usage && anthropicUsage(usage);
  const blocks = blocksOf(answer);
  return [
    named("message_start", {
      message: { ...message(id, model), ...(figures && { usage: { ...figures, output_tokens: 0 } }) },
    }),
    named("ping", {}),
    ...blocks.flatMap((block, index) => [
      named("content_block_start", { index, content_block: block.start }),
      ...batches(block.tokens).map(({ text, tokens }) =>
        named("content_block_delta", { index, delta: block.delta(text) }, tokens),
      ),
      ...(block.end ? [named("content_block_delta", { index, delta: block.end })] : []),
      named("content_block_stop", { index }),
    ]),
    named("message_delta", {
      delta: { stop_reason: STOP_REASON[answer.finish], stop_sequence: null },
      ...(figures && { usage: figures }),
    }),
    named("message_stop", {}),
  ];
}

interface Block {
  start: object;
  tokens: string[];
  delta(text: string): object;
  end?: object;
}

function blocksOf({ reasoning, text, toolCall }: Reply["answer"]): Block[] {
  const blocks: Block[] = [];
  if (reasoning.length > 0) {
    blocks.push({
      start: { type: "thinking", thinking: "", signature: "" },
      tokens: reasoning,
      delta: (thinking) => ({ type: "thinking_delta", thinking }),
      end: { type: "signature_delta", signature: "stand-in" },
    });
  }
  if (text.length > 0) {
    blocks.push({
      start: { type: "text", text: "" },
      tokens: text,
      delta: (piece) => ({ type: "text_delta", text: piece }),
    });
  }
  if (toolCall) {
    blocks.push({
      start: toolUse(toolCall, {}),
      tokens: toolCall.arguments,
      delta: (partial) => ({ type: "input_json_delta", partial_json: partial }),
    });
  }
  return blocks;
}
