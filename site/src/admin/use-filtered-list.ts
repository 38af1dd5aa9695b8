import { type InfiniteData, useInfiniteQuery } from "@tanstack/react-query";
import { useDeferredValue, useState } from "react";
import type { Filter } from "./edge-calls.ts";

/** One of the edge's lists, narrowed by a status, a text and what else the list has, page by page and refreshed. */
export function useFilteredList<Page extends { next_cursor: string | null }>(
  name: string,
  refetchInterval: number,
  read: (filter: Filter, cursor: string, signal: AbortSignal) => Promise<Page>,
  more: Pick<Filter, "health"> = {},
) {
  const [status, setStatus] = useState("");
  const [typed, setTyped] = useState("");
  const search = useDeferredValue(typed.trim());
  const list = useInfiniteQuery({
    queryKey: [name, status, search, more.health],
    queryFn: ({ pageParam, signal }) => read({ ...more, status, search }, pageParam, signal),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
    refetchInterval,
    placeholderData: (previous: InfiniteData<Page, string> | undefined) => previous,
  });
  return {
    list,
    filtered: Boolean(status || search || more.health),
    search: { value: typed, onChange: setTyped },
    choice: { value: status, onChange: setStatus },
  };
}
