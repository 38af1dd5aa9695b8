import { useState } from "react";
import { HEALTH_STATES } from "#schema/domain/health.ts";
import { BOX_STATUSES } from "#schema/domain/states.ts";
import { ListHead } from "../ui/list-head.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { ShowMore } from "../ui/show-more.tsx";
import { BoxesTable } from "./boxes-table.tsx";
import { useEdge } from "./edge-calls.ts";
import { useFilteredList } from "./use-filtered-list.ts";

const REFRESH_MS = 5_000;

export function BoxesSection() {
  const edge = useEdge();
  const [health, setHealth] = useState("");
  const { list, filtered, search, choice } = useFilteredList("boxes", REFRESH_MS, edge.boxes, { health });
  const rows = list.data?.pages.flatMap((page) => page.boxes);
  return (
    <section aria-labelledby="boxes-title" className="grid gap-4">
      <ListHead
        titleId="boxes-title"
        title="Boxes"
        search={{ name: "q", label: "Search", placeholder: "email, bot or id", ...search }}
        choices={[
          { name: "status", label: "Status", any: "any status", values: BOX_STATUSES, ...choice },
          {
            name: "health",
            label: "Health",
            any: "any health",
            values: HEALTH_STATES,
            value: health,
            onChange: setHealth,
          },
        ]}
      />
      <ProblemNote error={list.error} />
      {rows && <BoxesTable boxes={rows} filtered={filtered} />}
      <ShowMore list={list} />
    </section>
  );
}
