import type { MessageEntity } from "grammy/types";

/** Text with its entities; offsets and lengths in UTF-16 code units, as Telegram counts. */
export interface Formatted {
  text: string;
  entities: MessageEntity[];
}

/** Where a piece of markup begins, until its end is found. */
export interface Opened<Extra> {
  offset: number;
  extra: Extra;
}

/** Takes the white space off both ends, as Telegram does, and moves the entities along. */
export function trimmed({ text, entities }: Formatted): Formatted {
  const lead = text.length - text.trimStart().length;
  const kept = text.trim();
  const moved = entities.map((entity) => {
    const start = Math.max(0, entity.offset - lead);
    const end = Math.min(kept.length, entity.offset + entity.length - lead);
    return { ...entity, offset: start, length: end - start };
  });
  return { text: kept, entities: moved.filter(({ length }) => length > 0) };
}

export const byOffset = (a: MessageEntity, b: MessageEntity): number => a.offset - b.offset || b.length - a.length;

/** Only links that a client may open. */
export function isOpenable(url: string): boolean {
  return /^(https?:\/\/|tg:\/\/|mailto:|tel:)\S+$/i.test(url);
}
