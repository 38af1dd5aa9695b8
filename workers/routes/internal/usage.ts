/** Operators: usage by customer, day and model, and the token proxy's metrics. */
import { Metrics, MetricsQuery } from "#schema/contracts/metrics.ts";
import { UsageQuery, UsageReport } from "#schema/contracts/usage.ts";
import { readMetrics } from "../../services/metrics/read.ts";
import { reportUsage } from "../../services/usage/report-usage.ts";
import { json, other } from "../answer.ts";
import { operation } from "../operation.ts";
import { usageCsv } from "./usage-csv.ts";

const reading = { audience: "operator", tag: "Usage", scope: "usage:read", method: "get" } as const;

export const usageOperations = [
  operation({
    ...reading,
    path: "/internal/usage",
    summary: "Report token usage by customer, day and model",
    description:
      "Sums of the ledger's events, a thousand rows a page. In CSV (`format=csv` or `Accept: text/csv`), the next page is " +
      "named by the `Link` header. Events are kept for 90 days.",
    query: UsageQuery,
    output: [json("A page of sums", UsageReport), other("text/csv", "A page of sums")],
    async verb({ ctx, input: { format, ...input }, request }) {
      const page = await reportUsage({ ctx, input });
      const asCsv = format ? format === "csv" : request.headers.get("accept")?.startsWith("text/csv");
      return asCsv ? csv(page, request.url) : page;
    },
  }),
  operation({
    ...reading,
    path: "/internal/metrics",
    summary: "Requests, tokens, latency and errors of the token proxy",
    query: MetricsQuery,
    output: json("By model, outcome and reason", Metrics),
    verb: readMetrics,
  }),
];

function csv(page: UsageReport, url: string): Response {
  const headers = new Headers({
    "content-type": "text/csv; charset=utf-8",
    "content-disposition": `attachment; filename="usage-${page.from}-${page.to}.csv"`,
  });
  if (page.next_cursor) headers.set("link", `<${nextUrl(url, page.next_cursor)}>; rel="next"`);
  return new Response(usageCsv(page.rows), { headers });
}

/** A path only: the host that this Worker sees need not be the caller's. */
function nextUrl(url: string, cursor: string): string {
  const next = new URL(url);
  next.searchParams.set("cursor", cursor);
  next.searchParams.set("format", "csv");
  return next.pathname + next.search;
}
