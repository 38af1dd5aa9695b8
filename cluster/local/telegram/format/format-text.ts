import type { MessageEntity } from "grammy/types";
import { badRequest } from "../api-error.ts";
import { withDetected } from "./detect.ts";
import { type Formatted, trimmed } from "./formatted.ts";
import { parseHtml } from "./html.ts";
import { parseLegacyMarkdown, parseMarkdownV2 } from "./markdown.ts";

export interface TextInput {
  text: string;
  parseMode?: string | undefined;
  entities?: MessageEntity[] | undefined;
}

/** The text as everybody sees it. @throws ApiError 400 */
export function formatText({ text, parseMode, entities = [] }: TextInput, limit: number): Formatted {
  const result = withDetected(trimmed(parse(text, parseMode, entities)));
  if (Array.from(result.text).length > limit) throw badRequest("message is too long");
  return result;
}

function parse(text: string, parseMode: string | undefined, entities: MessageEntity[]): Formatted {
  switch (parseMode?.toLowerCase() ?? "") {
    case "":
      return { text, entities };
    case "html":
      return parseHtml(text);
    case "markdownv2":
      return parseMarkdownV2(text);
    case "markdown":
      return parseLegacyMarkdown(text);
    default:
      throw badRequest("unsupported parse_mode");
  }
}
