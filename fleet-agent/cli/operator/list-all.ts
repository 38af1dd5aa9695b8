import type * as z from "zod";
import type { OperatorClient } from "./operator-client.ts";

export interface Listed<T> {
  items: T[];
  /** There are more than were asked for. */
  more: boolean;
}

/** At most `limit` things of a list that the edge gives page by page. */
export async function listAll<T, S extends z.ZodType<{ next_cursor: string | null }>>(
  operator: OperatorClient,
  path: string,
  list: { answer: S; items(page: z.infer<S>): T[]; query: Record<string, string | undefined>; limit: number },
): Promise<Listed<T>> {
  const items: T[] = [];
  let cursor: string | undefined;
  do {
    const page = await operator.get(path, list.answer, { ...list.query, cursor });
    items.push(...list.items(page));
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined && items.length < list.limit);
  return { items: items.slice(0, list.limit), more: cursor !== undefined || items.length > list.limit };
}
