import type { MessageEntity } from "grammy/types";
import { byOffset, type Formatted } from "./formatted.ts";

type Detected = "url" | "email" | "bot_command" | "mention" | "hashtag";

const PATTERNS: [Detected, RegExp][] = [
  ["url", /(?:https?:\/\/[^\s<>"]+|\bt\.me\/[^\s<>"]+)/gi],
  ["email", /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g],
  ["bot_command", /(?<![\w/<>@])\/[A-Za-z0-9_]{1,64}(?:@\w{3,32})?(?![\w/<>])/g],
  ["mention", /(?<![\w@])@\w{4,32}/g],
  ["hashtag", /(?<![\w#])#[\p{L}\d_]*[\p{L}_][\p{L}\d_]*/gu],
];

/** Inside these nothing more is looked for. */
const OPAQUE = new Set(["code", "pre", "text_link", "text_mention", "url", "email", "custom_emoji"]);

/** Adds what Telegram finds by itself: links, commands, mentions. */
export function withDetected({ text, entities }: Formatted): Formatted {
  const all = [...entities];
  for (const [type, pattern] of PATTERNS) {
    for (const { index, 0: found } of text.matchAll(pattern)) {
      const length = (type === "url" ? found.replace(/[.,;:!?)'»”]+$/, "") : found).length;
      if (!all.some((entity) => OPAQUE.has(entity.type) && overlaps(entity, index, length))) {
        all.push({ type, offset: index, length });
      }
    }
  }
  return { text, entities: all.sort(byOffset) };
}

const overlaps = (entity: MessageEntity, offset: number, length: number): boolean =>
  entity.offset < offset + length && offset < entity.offset + entity.length;
