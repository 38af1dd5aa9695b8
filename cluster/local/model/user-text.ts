import * as z from "zod";

/** A message of a conversation, as all three APIs spell it. */
export const Turn = z.looseObject({
  role: z.string(),
  content: z.union([z.string(), z.array(z.looseObject({ type: z.string(), text: z.string().optional() }))]).nullish(),
});
export type Turn = z.infer<typeof Turn>;

/** What the user said last, without what agents wrap around it. Empty if the user said nothing in words. */
export function lastUserText(turns: readonly Turn[]): string {
  for (const turn of turns.toReversed()) {
    if (turn.role !== "user") continue;
    const text = unwrap(textOf(turn));
    if (text !== "") return text;
  }
  return "";
}

function textOf({ content }: Turn): string {
  if (typeof content === "string") return content;
  return (content ?? []).flatMap(({ text }) => text ?? []).join("\n");
}

export function unwrap(text: string): string {
  return text.trim();
}
