import type { MessageEntity } from "grammy/types";
import { badRequest } from "../api-error.ts";
import { byOffset, type Formatted, isOpenable, type Opened } from "./formatted.ts";

type Simple = "bold" | "italic" | "underline" | "strikethrough" | "spoiler";

/** core.telegram.org/bots/api#html-style; `undefined` from `entityOf` means: not a tag Telegram knows. */
const SIMPLE: Record<string, Simple> = {
  b: "bold",
  strong: "bold",
  i: "italic",
  em: "italic",
  u: "underline",
  ins: "underline",
  s: "strikethrough",
  strike: "strikethrough",
  del: "strikethrough",
  "tg-spoiler": "spoiler",
};
const OTHER = new Set(["a", "code", "pre", "blockquote", "span", "tg-emoji"]);
const NAMED: Record<string, string> = { lt: "<", gt: ">", amp: "&", quot: '"' };

interface Tag {
  name: string;
  attributes: Record<string, string>;
}

/** @throws ApiError 400 for markup that Telegram refuses. */
export function parseHtml(source: string): Formatted {
  const entities: MessageEntity[] = [];
  const stack: Opened<Tag>[] = [];
  let text = "";
  for (const { index, 0: token } of source.matchAll(/<[^>]*>|&[^;\s&<]{1,8};|[^<&]+|[<&]/g)) {
    if (token === "<") throw cannotParse(`Unclosed start tag at byte offset ${bytes(source, index)}`);
    if (token.startsWith("</")) {
      const opened = close(stack, token, bytes(source, index));
      const length = text.length - opened.offset;
      const entity = entityOf(opened.extra, opened.offset, length, text);
      if (entity && length > 0) merge(entities, entity);
    } else if (token.startsWith("<")) {
      stack.push({ offset: text.length, extra: open(token, bytes(source, index)) });
    } else {
      text += decode(token);
    }
  }
  const left = stack.at(-1);
  if (left) throw cannotParse(`Can't find end tag corresponding to start tag "${left.extra.name}"`);
  return { text, entities: entities.sort(byOffset) };
}

const cannotParse = (reason: string) => badRequest(`can't parse entities: ${reason}`);
const bytes = (source: string, index: number): number => Buffer.byteLength(source.slice(0, index));

function open(token: string, at: number): Tag {
  const name = /^<([a-z][a-z0-9-]*)/i.exec(token)?.[1]?.toLowerCase();
  if (name === undefined || !(name in SIMPLE || OTHER.has(name))) {
    throw cannotParse(`Unsupported start tag "${name ?? ""}" at byte offset ${at}`);
  }
  const attributes: Record<string, string> = {};
  for (const [, key = "", double, single, bare] of token.matchAll(
    /\s([a-z-]+)(?:=(?:"([^"]*)"|'([^']*)'|([^\s>]+)))?/gi,
  )) {
    attributes[key.toLowerCase()] = decode(double ?? single ?? bare ?? "");
  }
  if (name === "span" && attributes.class !== "tg-spoiler") {
    throw cannotParse(`Tag "span" must have class "tg-spoiler" at byte offset ${at}`);
  }
  return { name, attributes };
}

function close(stack: Opened<Tag>[], token: string, at: number): Opened<Tag> {
  const name = token.slice(2, -1).trim().toLowerCase();
  const opened = stack.pop();
  if (!opened) throw cannotParse(`Unexpected end tag at byte offset ${at}`);
  if (name !== opened.extra.name) {
    throw cannotParse(`Unmatched end tag at byte offset ${at}, expected "</${opened.extra.name}>", found "</${name}>"`);
  }
  return opened;
}

function entityOf({ name, attributes }: Tag, offset: number, length: number, text: string): MessageEntity | undefined {
  const place = { offset, length };
  const simple = name === "span" ? "spoiler" : SIMPLE[name];
  if (simple) return { type: simple, ...place };
  if (name === "blockquote")
    return { type: "expandable" in attributes ? "expandable_blockquote" : "blockquote", ...place };
  if (name === "a") {
    const url = attributes.href ?? text.slice(offset, offset + length);
    return isOpenable(url) ? { type: "text_link", url, ...place } : undefined;
  }
  if (name === "tg-emoji") return { type: "custom_emoji", custom_emoji_id: attributes["emoji-id"] ?? "", ...place };
  if (name === "pre") return { type: "pre", ...place };
  const language = /^language-(.+)$/.exec(attributes.class ?? "")?.[1];
  return language ? { type: "pre", language, ...place } : { type: "code", ...place };
}

/** `<pre><code class="language-x">` is one entity, not two. */
function merge(entities: MessageEntity[], entity: MessageEntity): void {
  const inner = entities.at(-1);
  const same = inner && inner.offset === entity.offset && inner.length === entity.length;
  if (entity.type === "pre" && same && (inner.type === "code" || inner.type === "pre")) entities.pop();
  entities.push(entity.type === "pre" && same && inner.type === "pre" ? inner : entity);
}

function decode(text: string): string {
  return text.replaceAll(/&(#x[0-9a-f]{1,6}|#\d{1,7}|lt|gt|amp|quot);/gi, (whole, name: string) => {
    const named = NAMED[name.toLowerCase()];
    if (named) return named;
    const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
