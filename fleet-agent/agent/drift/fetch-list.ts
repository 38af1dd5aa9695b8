import type { ListedBox } from "#schema/contracts/comparison.ts";
import type { EdgeClient } from "../edge/edge-client.ts";

/** More pages than this mean that the cursor goes in circles. */
const MOST_PAGES = 100;

/** All boxes that should be in the cluster. Throws if the list has fewer than the edge counts, so that nothing is concluded from it. */
export async function fetchList(edge: Pick<EdgeClient, "boxes">, signal: AbortSignal): Promise<ListedBox[]> {
  const list: ListedBox[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < MOST_PAGES; page++) {
    const answer = await edge.boxes(cursor, signal);
    list.push(...answer.boxes);
    cursor = answer.next_cursor;
    if (cursor !== null) continue;
    if (list.length < answer.total) throw new Error(`the list has ${list.length} of ${answer.total} boxes`);
    return list;
  }
  throw new Error("the list of boxes does not end");
}
