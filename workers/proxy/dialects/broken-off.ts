/** How a stream is ended that broke off: well-formed, with a text of ours behind what the model has said. */
import { type AssistantMessage, messageEvents } from "./assistant-message.ts";
import type { Dialect } from "./dialect.ts";

/** Where the stream stands. */
export interface BrokenStream {
  dialect: Dialect;
  /** What OpenAI's chunks have in common; undefined before the first event that counts. */
  head: object | undefined;
  /** Anthropic's content block that has begun and not ended, and how many have begun. */
  block: unknown;
  blocks: number;
  /** A tool is being called. */
  calling: boolean;
  /** The model has said why it stopped: only the very end is missing. */
  finished: boolean;
  /** The model has said nothing yet. */
  silent: boolean;
}

/** Undefined where there is no good end: half a call of a tool would be carried out, and the Responses API can't be continued. */
export function brokenOff(stream: BrokenStream, message: AssistantMessage): string[] | undefined {
  const { dialect, head, finished } = stream;
  if (finished) return [END[dialect]];
  if (!head && dialect !== "responses") return [messageEvents(message)];
  if (stream.calling || dialect === "responses") return undefined;
  const text = stream.silent ? message.text : `\n\n${message.text}`;
  return dialect === "anthropic" ? anthropic(stream, text) : openai(head ?? {}, text);
}

const event = (type: string, rest: object): string => `event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`;

const END = { openai: "data: [DONE]\n\n", responses: "", anthropic: event("message_stop", {}) } as const;

function openai(head: object, text: string): string[] {
  const chunk = (delta: object, finish: string | null): string =>
    `data: ${JSON.stringify({ ...head, choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
  return [chunk({ content: text }, null), chunk({}, "stop"), END.openai];
}

function anthropic({ block, blocks: index }: BrokenStream, text: string): string[] {
  return [
    ...(block === undefined ? [] : [event("content_block_stop", { index: block })]),
    event("content_block_start", { index, content_block: { type: "text", text: "" } }),
    event("content_block_delta", { index, delta: { type: "text_delta", text } }),
    event("content_block_stop", { index }),
    event("message_delta", { delta: { stop_reason: "end_turn", stop_sequence: null }, usage: { output_tokens: 0 } }),
    END.anthropic,
  ];
}
