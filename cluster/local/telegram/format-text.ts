import type { MessageEntity } from "grammy/types";
import { badRequest } from "./api-error.ts";
import { type Formatted, parseHtml } from "./html.ts";

/** The text as everybody sees it. OpenClaw formats in HTML or not at all. @throws ApiError 400 */
export function formatText(source: string, parseMode: string | undefined, longest: number): Formatted {
  if (parseMode && parseMode !== "HTML") throw badRequest("unsupported parse_mode");
  const trimmed = source.trim();
  const { text, entities } = parseMode ? parseHtml(trimmed) : { text: trimmed, entities: [] };
  if (Array.from(text).length > longest) throw badRequest("message is too long");
  const all = [...entities, ...detected(text, entities)];
  return { text, entities: all.sort((a, b) => a.offset - b.offset || b.length - a.length) };
}

const PATTERNS = {
  url: /https?:\/\/[^\s<>"]+/gi,
  bot_command: /(?<![\w/<>@])\/[A-Za-z0-9_]{1,64}(?:@\w{3,32})?(?![\w/<>])/g,
};

/** Entities without nested ones. */
const OPAQUE = new Set(["code", "pre", "text_link", "url"]);

/** Entities that Telegram detects: links and commands. */
function detected(text: string, given: MessageEntity[]): MessageEntity[] {
  const found: MessageEntity[] = [];
  const covered = (from: number, to: number) =>
    [...given, ...found].some((each) => OPAQUE.has(each.type) && each.offset < to && from < each.offset + each.length);
  for (const [type, pattern] of Object.entries(PATTERNS) as [keyof typeof PATTERNS, RegExp][]) {
    for (const { index, 0: match } of text.matchAll(pattern)) {
      const { length } = type === "url" ? match.replace(/[.,;:!?)'»”]+$/, "") : match;
      if (!covered(index, index + length)) found.push({ type, offset: index, length });
    }
  }
  return found;
}
