import { useInfiniteQuery } from "@tanstack/react-query";
import { useDeferredValue, useState } from "react";
import { BOX_STATUSES } from "#schema/domain/states.ts";
import { BoxesTable } from "./boxes-table.tsx";
import { useEdge } from "./edge-calls.ts";
import { SelectField, TextField } from "./field.tsx";
import { ProblemNote } from "./problem-note.tsx";

const REFRESH_MS = 5_000;
const STATUS_OPTIONS = [["", "any status"], ...BOX_STATUSES.map((status) => [status, status] as const)] as const;

export function BoxesSection() {
  const edge = useEdge();
  const [status, setStatus] = useState("");
  const [search, setSearch] = useState("");
  const q = useDeferredValue(search.trim());
  const boxes = useInfiniteQuery({
    queryKey: ["boxes", status, q],
    queryFn: ({ pageParam, signal }) => edge.boxes({ status, q }, pageParam, signal),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
    refetchInterval: REFRESH_MS,
    placeholderData: (previous) => previous,
  });
  const rows = boxes.data?.pages.flatMap((page) => page.boxes);
  return (
    <section aria-labelledby="boxes-title" className="grid gap-4">
      <div className="flex flex-wrap items-end gap-x-4 gap-y-3">
        <h2 id="boxes-title" className="mr-auto text-xl font-bold">
          Boxes
        </h2>
        <div className="w-full sm:w-64">
          <TextField
            name="q"
            label="Search"
            placeholder="email, bot or id"
            value={search}
            error={undefined}
            onChange={setSearch}
          />
        </div>
        <div className="w-full sm:w-44">
          <SelectField
            name="status"
            label="Status"
            options={STATUS_OPTIONS}
            value={status}
            error={undefined}
            onChange={setStatus}
          />
        </div>
      </div>
      <ProblemNote error={boxes.error} />
      {rows && <BoxesTable boxes={rows} filtered={Boolean(status || q)} />}
      {boxes.hasNextPage && (
        <button
          type="button"
          className="button quiet justify-self-center"
          disabled={boxes.isFetchingNextPage}
          onClick={() => void boxes.fetchNextPage()}
        >
          Show more
        </button>
      )}
    </section>
  );
}
