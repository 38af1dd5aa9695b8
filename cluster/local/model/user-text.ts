import * as z from "zod";
import type { WishedTool } from "./protocol.ts";

/** A message of a conversation, as all three APIs spell it. */
export const Turn = z.looseObject({
  role: z.string(),
  content: z.union([z.string(), z.array(z.looseObject({ type: z.string(), text: z.string().optional() }))]).nullish(),
});
export type Turn = z.infer<typeof Turn>;

/** The user's last text, without what agents wrap around it. Empty if there is none. */
export function lastUserText(turns: readonly Turn[]): string {
  for (const turn of turns.toReversed()) {
    if (turn.role !== "user") continue;
    const text = unwrap(textOf(turn));
    if (text !== "") return text;
  }
  return "";
}

/**
 * What the user asks to be done with a tool: `call exec {"command":"ls"}`. Nothing where the last turn is a tool's own result,
 * so that the model answers then. A user is believed to have named a tool that is there.
 */
export function wishedTool(turns: readonly Turn[]): WishedTool | undefined {
  const last = turns.at(-1);
  if (last?.role !== "user" || hasResult(last)) return undefined;
  const [, name, json] = /^call (\w+) (\{[\s\S]*\})$/.exec(lastUserText(turns)) ?? [];
  return name !== undefined && json !== undefined ? { name, arguments: json } : undefined;
}

const hasResult = ({ content }: Turn): boolean =>
  Array.isArray(content) && content.some(({ type }) => type === "tool_result");

function textOf({ content }: Turn): string {
  if (typeof content === "string") return content;
  return (content ?? []).flatMap(({ text }) => text ?? []).join("\n");
}

/**
 * What OpenClaw 2026.9 puts around a person's words, as it was seen on the wire: context for the model in a block
 * of its own, a time stamp, facts about the sender, where attachments lie, and a line about its own runtime.
 */
const WRAPPERS = [
  /<<<BEGIN_OPENCLAW_INTERNAL_CONTEXT>>>[\s\S]*?<<<END_OPENCLAW_INTERNAL_CONTEXT>>>/g,
  /^\s*\[\w{3} \d{4}-\d\d-\d\d \d\d:\d\d[^\]\n]*\] ?/,
  /^[^\n]*⟦openclaw:ctx⟧\n```json\n[\s\S]*?\n```\n?/gm,
  /^\[media attached[^\n]*\]\n?/gm,
  /\n\nRuntime: agent=[^\n]*\s*$/,
];

function unwrap(text: string): string {
  return WRAPPERS.reduce((rest, wrapper) => rest.replace(wrapper, ""), text).trim();
}
