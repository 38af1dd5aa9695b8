/** A text of ours as a normal answer of the assistant: an error would switch a box's model provider off. */
import type { Dialect } from "./dialect.ts";

export interface AssistantMessage {
  dialect: Dialect;
  stream: boolean;
  /** As the client named it. */
  model: string;
  id: string;
  text: string;
  /** Epoch milliseconds. */
  now: number;
}

export function messageResponse(message: AssistantMessage): Response {
  const headers = { "cache-control": message.stream ? "no-cache" : "no-store" };
  if (!message.stream) return Response.json(wholeMessage(message), { headers });
  return new Response(messageEvents(message), {
    headers: { ...headers, "content-type": "text/event-stream; charset=utf-8" },
  });
}

/** The whole stream. */
export const messageEvents = (message: AssistantMessage): string => EVENTS[message.dialect](message);

function wholeMessage(message: AssistantMessage): object {
  if (message.dialect === "anthropic") {
    return { ...anthropicHead(message), content: [{ type: "text", text: message.text }], stop_reason: "end_turn" };
  }
  if (message.dialect === "responses") return responsesOutput(message);
  const answer = { role: "assistant", content: message.text };
  return {
    ...openaiHead(message, "chat.completion"),
    choices: [{ index: 0, message: answer, finish_reason: "stop", logprobs: null }],
  };
}

const openaiHead = ({ id, model, now }: AssistantMessage, object: string): object => ({
  id: `chatcmpl-${id}`,
  object,
  created: Math.floor(now / 1_000),
  model,
});

function openaiEvents(message: AssistantMessage): string {
  const head = openaiHead(message, "chat.completion.chunk");
  const chunk = (delta: object, finish: string | null): string =>
    `data: ${JSON.stringify({ ...head, choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
  return `${chunk({ role: "assistant", content: message.text }, null)}${chunk({}, "stop")}data: [DONE]\n\n`;
}

/** Anthropic's clients expect `usage` to be there: nothing was used. */
const anthropicHead = ({ id, model }: AssistantMessage): object => ({
  id: `msg_${id.replaceAll("-", "")}`,
  type: "message",
  role: "assistant",
  model,
  content: [],
  stop_reason: null,
  stop_sequence: null,
  usage: { input_tokens: 0, output_tokens: 0 },
});

function anthropicEvents(message: AssistantMessage): string {
  const events: [string, object][] = [
    ["message_start", { message: anthropicHead(message) }],
    ["content_block_start", { index: 0, content_block: { type: "text", text: "" } }],
    ["content_block_delta", { index: 0, delta: { type: "text_delta", text: message.text } }],
    ["content_block_stop", { index: 0 }],
    ["message_delta", { delta: { stop_reason: "end_turn", stop_sequence: null }, usage: { output_tokens: 0 } }],
    ["message_stop", {}],
  ];
  return events.map(([type, data]) => `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`).join("");
}

const responsesHead = ({ id, model, now }: AssistantMessage, status: string, output: object[]): object => ({
  id: `resp_${id.replaceAll("-", "")}`,
  object: "response",
  created_at: Math.floor(now / 1_000),
  status,
  error: null,
  incomplete_details: null,
  instructions: null,
  metadata: {},
  model,
  output,
  parallel_tool_calls: true,
  tool_choice: "auto",
  tools: [],
});

const outputText = (text: string): object => ({ type: "output_text", text, annotations: [] });

const outputItem = ({ id }: AssistantMessage, status: string, content: object[]): object => ({
  id: `msg_${id.replaceAll("-", "")}`,
  type: "message",
  role: "assistant",
  status,
  content,
});

function responsesOutput(message: AssistantMessage): object {
  const item = outputItem(message, "completed", [outputText(message.text)]);
  const usage = {
    input_tokens: 0,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: 0,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: 0,
  };
  return { ...responsesHead(message, "completed", [item]), usage };
}

function responsesEvents(message: AssistantMessage): string {
  const { text } = message;
  const place = { item_id: `msg_${message.id.replaceAll("-", "")}`, output_index: 0, content_index: 0 };
  const item = (status: string, content: object[]) => ({ output_index: 0, item: outputItem(message, status, content) });
  const events: [string, object][] = [
    ["created", { response: responsesHead(message, "in_progress", []) }],
    ["output_item.added", item("in_progress", [])],
    ["content_part.added", { ...place, part: outputText("") }],
    ["output_text.delta", { ...place, delta: text, logprobs: [] }],
    ["output_text.done", { ...place, text, logprobs: [] }],
    ["content_part.done", { ...place, part: outputText(text) }],
    ["output_item.done", item("completed", [outputText(text)])],
    ["completed", { response: responsesOutput(message) }],
  ];
  const lines = events.map(([name, data], sequence_number) => {
    const type = `response.${name}`;
    return `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number, ...data })}\n\n`;
  });
  return lines.join("");
}

const EVENTS = { openai: openaiEvents, responses: responsesEvents, anthropic: anthropicEvents } as const;
