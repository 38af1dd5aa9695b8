/** How much a model has said so far, read from its events as they pass, and how such a stream is ended early. */

import { isRecord } from "../read-body.ts";
import type { AssistantMessage } from "./assistant-message.ts";
import { brokenOff } from "./broken-off.ts";
import type { Dialect } from "./dialect.ts";

export interface StreamOutput {
  /** One whole event as text. */
  see(event: string): void;
  /** Output tokens so far, counted so that hardly any text has more: two bytes a token, one an event at least. */
  upper(): number;
  /** Output tokens so far as they will probably be billed: four bytes a token. */
  estimate(): number;
  /** The model has said why it stopped: what follows is no output. */
  finished(): boolean;
  /** Events that end the stream as if the model had reached its bound. */
  ending(usage: EndingUsage): Uint8Array;
  /** Events that end a stream that broke off, with this message behind what was said; undefined where a call of a tool is cut. */
  brokenOff(message: AssistantMessage): Uint8Array | undefined;
}

export interface EndingUsage {
  inputTokens: number;
  outputTokens: number;
  /** The client asked for usage (OpenAI). */
  wanted: boolean;
}

export function createStreamOutput(dialect: Dialect): StreamOutput {
  let bytes = 0;
  let events = 0;
  let finished = false;
  /** What OpenAI's chunks have in common; undefined before the first. */
  let head: Record<string, unknown> | undefined;
  /** Anthropic's content block that has begun and not ended. */
  let block: unknown;
  let blocks = 0;
  /** A tool is being called: half a call must not be carried out. */
  let calling = false;

  function see(event: string): void {
    const json = dataOf(event);
    if (!isRecord(json)) return;
    const [choice] = Array.isArray(json.choices) ? json.choices : [];
    const delta = isRecord(choice) ? choice.delta : json.delta;
    const said = textBytes(delta, 0);
    if (said > 0) events++;
    bytes += said;
    if (dialect === "anthropic") seeAnthropic(json, delta);
    else if (isRecord(choice)) seeChunk(json, choice);
  }

  function seeChunk(json: Record<string, unknown>, choice: Record<string, unknown>): void {
    const { choices: _choices, usage: _usage, ...rest } = json;
    head = rest;
    if (choice.finish_reason != null) finished = true;
    if (isRecord(choice.delta) && choice.delta.tool_calls != null) calling = true;
  }

  function seeAnthropic(json: Record<string, unknown>, delta: unknown): void {
    if (json.type === "message_start") head = {};
    if (json.type === "content_block_start") {
      block = json.index;
      blocks++;
      if (isRecord(json.content_block) && json.content_block.type === "tool_use") calling = true;
    }
    if (json.type === "content_block_stop") block = undefined;
    if (json.type === "message_delta" && isRecord(delta) && delta.stop_reason != null) finished = true;
  }

  return {
    see,
    upper: () => Math.max(events, Math.ceil(bytes / 2)),
    estimate: () => Math.max(events, Math.ceil(bytes / 4)),
    finished: () => finished,
    ending: (usage) =>
      encode(dialect === "anthropic" ? anthropicEnding(block, usage) : openaiEnding(head ?? {}, usage)),
    brokenOff(message) {
      const stream = { dialect, head, block, blocks, calling, finished, silent: events === 0 };
      const ending = brokenOff(stream, message);
      return ending && encode(ending);
    },
  };
}

const encode = (events: readonly string[]): Uint8Array => new TextEncoder().encode(events.join(""));

function openaiEnding(head: object, { inputTokens, outputTokens, wanted }: EndingUsage): string[] {
  const data = (rest: object): string => `data: ${JSON.stringify({ ...head, ...rest })}\n\n`;
  const usage = {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
  };
  return [
    data({ choices: [{ index: 0, delta: {}, finish_reason: "length" }] }),
    ...(wanted ? [data({ choices: [], usage })] : []),
    "data: [DONE]\n\n",
  ];
}

function anthropicEnding(block: unknown, { outputTokens }: EndingUsage): string[] {
  const event = (type: string, rest: object): string =>
    `event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`;
  return [
    ...(block === undefined ? [] : [event("content_block_stop", { index: block })]),
    event("message_delta", {
      delta: { stop_reason: "max_tokens", stop_sequence: null },
      usage: { output_tokens: outputTokens },
    }),
    event("message_stop", {}),
  ];
}

/** The JSON of an event's one data line; what providers send has no more than one. */
function dataOf(event: string): unknown {
  const at = event.indexOf("data:");
  const start = at < 0 ? -1 : event.indexOf("{", at);
  if (start < 0) return undefined;
  try {
    return JSON.parse(event.slice(start));
  } catch {
    return undefined;
  }
}

/** Names of things, not words of the model. */
const NAMES: ReadonlySet<string> = new Set(["type", "role", "id", "stop_reason", "stop_sequence"]);
const MAX_DEPTH = 4;

/** UTF-8 bytes of all that a delta says: text, reasoning, and the arguments of calls. */
function textBytes(value: unknown, depth: number): number {
  if (typeof value === "string") return utf8Length(value);
  if (typeof value !== "object" || value === null || depth > MAX_DEPTH) return 0;
  let sum = 0;
  for (const [name, inner] of Object.entries(value)) if (!NAMES.has(name)) sum += textBytes(inner, depth + 1);
  return sum;
}

function utf8Length(text: string): number {
  let bytes = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    // Half of a surrogate pair is two of its character's four bytes.
    bytes += code < 0x80 ? 1 : code < 0x800 || (code >= 0xd800 && code < 0xe000) ? 2 : 3;
  }
  return bytes;
}
