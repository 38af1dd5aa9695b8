/** Operators: what the token proxy did. */
import { createRoute } from "@hono/zod-openapi";
import { Metrics, MetricsQuery } from "#schema/contracts/metrics.ts";
import { requireScope } from "../../http/internal-auth.ts";
import { readMetrics } from "../../services/metrics/read.ts";
import { common, jsonAnswer } from "./operation.ts";
import { createRouter } from "./router.ts";

const { security, problems } = common;

const read = createRoute({
  method: "get",
  path: "/internal/metrics",
  summary: "Requests, tokens, latency and refusals of the token proxy",
  tags: ["Usage"],
  security,
  middleware: [requireScope("usage:read")],
  request: { query: MetricsQuery },
  responses: { 200: jsonAnswer("By model, outcome and reason", Metrics), ...problems },
});

export const metricsRoutes = createRouter();

metricsRoutes.openapi(read, async (c) =>
  c.json(await readMetrics({ ctx: c.var.ctx, input: c.req.valid("query") }), 200),
);
