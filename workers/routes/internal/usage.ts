/** Operators: what was used, by customer, day and model. */
import { createRoute } from "@hono/zod-openapi";
import * as z from "zod";
import { UsageQuery, UsageReport } from "#schema/contracts/usage.ts";
import { requireScope } from "../../http/internal-auth.ts";
import { reportUsage } from "../../services/usage/report-usage.ts";
import { common } from "./operation.ts";
import { createRouter } from "./router.ts";
import { usageCsv } from "./usage-csv.ts";

const { security, problems } = common;

const report = createRoute({
  method: "get",
  path: "/internal/usage",
  summary: "Tokens used, by customer, day and model",
  description:
    "Sums of the ledger's events, a thousand rows a page. As CSV (`format=csv` or `Accept: text/csv`), the next page is " +
    "named by the `Link` header. Events are kept for 90 days.",
  tags: ["Usage"],
  security,
  middleware: [requireScope("usage:read")],
  request: { query: UsageQuery },
  responses: {
    200: {
      description: "A page of sums",
      headers: z.object({ link: z.string().optional().meta({ description: "The next page (CSV)" }) }),
      content: { "application/json": { schema: UsageReport }, "text/csv": { schema: z.string() } },
    },
    ...problems,
  },
});

export const usageRoutes = createRouter();

usageRoutes.openapi(report, async (c) => {
  const { format, ...input } = c.req.valid("query");
  const page = await reportUsage({ ctx: c.var.ctx, input });
  const asCsv = format ? format === "csv" : c.req.header("accept")?.startsWith("text/csv");
  if (!asCsv) return c.json(page, 200);
  const headers: Record<string, string> = {
    "content-type": "text/csv; charset=utf-8",
    "content-disposition": `attachment; filename="usage-${page.from}-${page.to}.csv"`,
  };
  if (page.next_cursor) headers.link = `<${nextUrl(c.req.url, page.next_cursor)}>; rel="next"`;
  return c.body(usageCsv(page.rows), 200, headers);
});

/** As a path: the address that this Worker sees need not be the caller's. */
function nextUrl(url: string, cursor: string): string {
  const next = new URL(url);
  next.searchParams.set("cursor", cursor);
  next.searchParams.set("format", "csv");
  return next.pathname + next.search;
}
