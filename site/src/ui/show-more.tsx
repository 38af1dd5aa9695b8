import type { UseInfiniteQueryResult } from "@tanstack/react-query";

/** The next page of a list, where there is one. */
export function ShowMore({
  list,
}: {
  list: Pick<UseInfiniteQueryResult, "hasNextPage" | "isFetchingNextPage" | "fetchNextPage">;
}) {
  if (!list.hasNextPage) return null;
  return (
    <button
      type="button"
      className="button quiet justify-self-center"
      disabled={list.isFetchingNextPage}
      onClick={() => void list.fetchNextPage()}
    >
      Show more
    </button>
  );
}
