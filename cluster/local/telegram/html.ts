import type { MessageEntity } from "grammy/types";
import { badRequest } from "./api-error.ts";

/** Text with its entities; offsets and lengths in UTF-16 code units, as Telegram counts. */
export interface Formatted {
  text: string;
  entities: MessageEntity[];
}

/** The tags of core.telegram.org/bots/api#html-style, without custom emoji. */
const TAGS = {
  bold: ["b", "strong"],
  italic: ["i", "em"],
  underline: ["u", "ins"],
  strikethrough: ["s", "strike", "del"],
  spoiler: ["tg-spoiler"],
  blockquote: ["blockquote"],
  code: ["code"],
  pre: ["pre"],
  text_link: ["a"],
};
type Type = keyof typeof TAGS;

/** A tag that is not closed yet, and where its text begins. */
interface Opened {
  name: string;
  type: Type;
  attributes: string;
  offset: number;
}

/** @throws ApiError 400 for markup that Telegram refuses. */
export function parseHtml(source: string): Formatted {
  const entities: MessageEntity[] = [];
  const stack: Opened[] = [];
  let text = "";
  for (const [token] of source.matchAll(/<[^>]*>|[^<]+|</g)) {
    if (token === "<") throw cannotParse("Unclosed start tag");
    if (token.startsWith("</")) {
      const entity = entityOf(close(stack, token), text);
      if (entity && entity.length > 0) add(entities, entity);
    } else if (token.startsWith("<")) stack.push({ ...open(token), offset: text.length });
    else text += decode(token);
  }
  const left = stack.at(-1);
  if (left) throw cannotParse(`Can't find end tag corresponding to start tag "${left.name}"`);
  return { text, entities };
}

const cannotParse = (reason: string) => badRequest(`can't parse entities: ${reason}`);

function open(token: string): Omit<Opened, "offset"> {
  const name = /^<([a-z-]*)/i.exec(token)?.[1]?.toLowerCase() ?? "";
  const type = (Object.keys(TAGS) as Type[]).find((each) => TAGS[each].includes(name));
  if (!type) throw cannotParse(`Unsupported start tag "${name}"`);
  return { name, type, attributes: token.slice(name.length + 1, -1) };
}

function close(stack: Opened[], token: string): Opened {
  const name = token.slice(2, -1).trim().toLowerCase();
  const opened = stack.pop();
  if (!opened) throw cannotParse("Unexpected end tag");
  if (name !== opened.name) throw cannotParse(`Unmatched end tag, expected "</${opened.name}>", found "</${name}>"`);
  return opened;
}

function entityOf({ type, attributes, offset }: Opened, text: string): MessageEntity | undefined {
  const place = { offset, length: text.length - offset };
  switch (type) {
    case "text_link": {
      const url = attribute(attributes, "href") ?? text.slice(offset);
      // Only what a client may open.
      return /^(https?:\/\/|tg:\/\/|mailto:|tel:)\S+$/i.test(url) ? { type, url, ...place } : undefined;
    }
    case "code": {
      const language = /^language-(.+)$/.exec(attribute(attributes, "class") ?? "")?.[1];
      return language ? { type: "pre", language, ...place } : { type, ...place };
    }
    case "blockquote":
      return { type: /\sexpandable\b/.test(attributes) ? "expandable_blockquote" : type, ...place };
    default:
      return { type, ...place };
  }
}

function attribute(attributes: string, name: string): string | undefined {
  const found = new RegExp(`\\s${name}=(?:"([^"]*)"|'([^']*)')`, "i").exec(attributes);
  return found ? decode(found[1] ?? found[2] ?? "") : undefined;
}

/** `<pre><code class="language-x">` is one entity, not two. */
function add(entities: MessageEntity[], entity: MessageEntity): void {
  const inner = entities.at(-1);
  const same = inner?.offset === entity.offset && inner.length === entity.length;
  if (entity.type === "pre" && same && inner.type === "pre") return;
  if (entity.type === "pre" && same && inner.type === "code") entities.pop();
  entities.push(entity);
}

const NAMED: Record<string, string> = { lt: "<", gt: ">", amp: "&", quot: '"' };

function decode(text: string): string {
  return text.replaceAll(/&(#x[0-9a-f]{1,6}|#\d{1,7}|lt|gt|amp|quot);/gi, (whole, name: string) => {
    const code = Number(name.replace(/^#x/i, "0x").replace("#", ""));
    return NAMED[name.toLowerCase()] ?? (code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole);
  });
}
