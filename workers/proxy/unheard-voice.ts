/** A voice message that nobody has put into words: no model can answer it, and what one says of it is made up. */
import { isRecord } from "./read-body.ts";

/** What OpenClaw 2026.9 adds to each turn in a message, or a part of one, of its own. */
const CONTEXT = /<<<BEGIN_OPENCLAW_INTERNAL_CONTEXT>>>[\s\S]*?<<<END_OPENCLAW_INTERNAL_CONTEXT>>>/g;

/**
 * How it hands on a recording without a transcript: where the file lies, and that it was not analyzed. Words of the owner's
 * would stand between the two; with them the model has something to answer.
 */
const RECORDING = /(^|\n)(\[media attached[^\n]*\]\n)+(\[Audio attachment [^\]\n]*\]\s*)+$/;

/** Whether the newest turn of an agent's request is nothing but recordings. */
export function isUnheardVoice({ messages }: Record<string, unknown>): boolean {
  if (!Array.isArray(messages)) return false;
  for (const message of messages.toReversed()) {
    if (!isRecord(message) || message.role !== "user") return false;
    const text = textOf(message.content).replace(CONTEXT, "").trim();
    if (text !== "") return RECORDING.test(text);
  }
  return false;
}

function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  const parts: unknown[] = Array.isArray(content) ? content : [];
  return parts.map((part) => (isRecord(part) && typeof part.text === "string" ? part.text : "")).join("\n");
}
