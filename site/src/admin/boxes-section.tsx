import { useInfiniteQuery } from "@tanstack/react-query";
import { useDeferredValue, useState } from "react";
import { BOX_STATUSES } from "#schema/domain/states.ts";
import { ListHead } from "../ui/list-head.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { ShowMore } from "../ui/show-more.tsx";
import { BoxesTable } from "./boxes-table.tsx";
import { useEdge } from "./edge-calls.ts";

const REFRESH_MS = 5_000;

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
      <ListHead
        titleId="boxes-title"
        title="Boxes"
        search={{ name: "q", label: "Search", placeholder: "email, bot or id", value: search, onChange: setSearch }}
        choice={{
          name: "status",
          label: "Status",
          any: "any status",
          values: BOX_STATUSES,
          value: status,
          onChange: setStatus,
        }}
      />
      <ProblemNote error={boxes.error} />
      {rows && <BoxesTable boxes={rows} filtered={Boolean(status || q)} />}
      <ShowMore list={boxes} />
    </section>
  );
}
