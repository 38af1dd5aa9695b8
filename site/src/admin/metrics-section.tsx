import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { MetricsRow } from "#schema/contracts/metrics.ts";
import { Badge } from "../ui/badge.tsx";
import { SelectField } from "../ui/field.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { Table } from "../ui/table.tsx";
import { useEdge } from "./edge-calls.ts";
import { countWords, msWords, OUTCOME_TONES, totalsOf } from "./metrics-words.ts";

const REFRESH_MS = 60_000;
const SPANS = [
  ["1", "the last hour"],
  ["24", "the last day"],
  ["168", "the last week"],
  ["744", "the last month"],
] as const;
const COLUMNS = ["Model", "Outcome", "Provider", "Requests", "Input", "Output", "First byte p50", "p99"];

/** The token proxy's requests, latency and refusals. */
export function MetricsSection() {
  const edge = useEdge();
  const [hours, setHours] = useState("24");
  const { data, error } = useQuery({
    queryKey: ["metrics", hours],
    queryFn: ({ signal }) => edge.metrics(hours, signal),
    refetchInterval: REFRESH_MS,
    placeholderData: (previous) => previous,
  });
  return (
    <section aria-labelledby="metrics-title" className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <div className="flex flex-wrap items-end gap-x-4 gap-y-3">
        <h2 id="metrics-title" className="mr-auto text-xl font-bold">
          Model requests
        </h2>
        <div className="w-full sm:w-44">
          <SelectField name="metrics_hours" label="Time" value={hours} onChange={setHours} options={SPANS} />
        </div>
      </div>
      <ProblemNote error={error} />
      {data && !data.configured && <p className="says">{data.detail}</p>}
      {data?.configured && data.rows.length === 0 && <p className="says">There was no request in this time.</p>}
      {data && data.rows.length > 0 && (
        <>
          <Totals rows={data.rows} />
          <Table columns={COLUMNS}>
            {data.rows.map((row) => (
              <Row key={`${row.model} ${row.outcome} ${row.reason} ${row.provider}`} row={row} />
            ))}
          </Table>
        </>
      )}
    </section>
  );
}

function Totals({ rows }: { rows: readonly MetricsRow[] }) {
  return (
    <dl className="grid grid-cols-2 gap-3 sm:grid-cols-4">
      {totalsOf(rows).map(({ name, value, note }) => (
        <div key={name} className="card px-5 py-4">
          <dt className="text-sm text-muted">{name}</dt>
          <dd className="font-display text-2xl font-bold tabular-nums">{value}</dd>
          <dd className="text-xs text-muted">{note}</dd>
        </div>
      ))}
    </dl>
  );
}

function Row({ row }: { row: MetricsRow }) {
  const cached = row.cached_input_tokens > 0 ? ` (${countWords(row.cached_input_tokens)} cached)` : "";
  const figures = [
    ["Requests", countWords(row.requests)],
    ["Input tokens", `${countWords(row.input_tokens)}${cached}`],
    ["Output tokens", countWords(row.output_tokens)],
    ["First byte p50", msWords(row.first_byte_p50_ms)],
    ["First byte p99", msWords(row.first_byte_p99_ms)],
  ] as const;
  return (
    <tr className="border-t border-line">
      <th scope="row" className="px-4 py-3 font-semibold">
        {row.model || "none named"}
      </th>
      <td data-label="Outcome">
        <Badge tone={OUTCOME_TONES[row.outcome] ?? "plain"}>{row.outcome.replaceAll("_", " ")}</Badge>
        {row.reason && <span className="block pt-1 text-xs text-muted">{row.reason.replaceAll("_", " ")}</span>}
      </td>
      <td data-label="Provider">{row.provider || "–"}</td>
      {figures.map(([name, figure]) => (
        <td key={name} data-label={name} className="tabular-nums">
          {figure}
        </td>
      ))}
    </tr>
  );
}
