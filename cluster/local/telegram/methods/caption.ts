import * as z from "zod";
import type { Content } from "../chat.ts";
import { formatText } from "../format/format-text.ts";
import type { Formatted } from "../format/formatted.ts";
import { asEntities, asText } from "../params.ts";

const LONGEST_CAPTION = 1024;

export const Caption = z.object({
  caption: asText.optional(),
  parse_mode: asText.optional(),
  caption_entities: asEntities.optional(),
});

/** @throws ApiError 400 */
export function captionContent({ caption, parse_mode, caption_entities }: z.infer<typeof Caption>): Content {
  const given = caption_entities as Formatted["entities"] | undefined;
  const { text, entities } = formatText(
    { text: caption ?? "", parseMode: parse_mode, entities: given },
    LONGEST_CAPTION,
  );
  return { ...(text && { caption: text }), ...(entities.length > 0 && { caption_entities: entities }) };
}
