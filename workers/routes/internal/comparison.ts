/** Operators: clusters, compared with what the database says should be in them. */
import { createRoute } from "@hono/zod-openapi";
import * as z from "zod";
import { ClusterComparison, ReconcileRequest } from "#schema/contracts/clusters.ts";
import { requireScope } from "../../http/internal-auth.ts";
import { readComparison } from "../../services/fleet/read-comparison.ts";
import { reconcileCluster } from "../../services/fleet/reconcile-cluster.ts";
import { common, jsonAnswer, jsonBody } from "./operation.ts";
import { createRouter } from "./router.ts";

const { security, problems } = common;
const params = z.object({ cluster_id: z.string().regex(/^[a-z0-9-]{1,32}$/) });

const read = createRoute({
  method: "get",
  path: "/internal/clusters/{cluster_id}/comparison",
  summary: "What the last full comparison of a cluster found, and the deletions it holds back",
  tags: ["Clusters"],
  security,
  middleware: [requireScope("boxes:read")],
  request: { params },
  responses: { 200: jsonAnswer("The last one", ClusterComparison), ...problems },
});

const reconcile = createRoute({
  method: "post",
  path: "/internal/clusters/{cluster_id}/reconcile",
  summary: "Compare a cluster with the database now; `remove` confirms deletions that are held back",
  tags: ["Clusters"],
  security,
  middleware: [requireScope("fleet:write")],
  request: { params, ...jsonBody(ReconcileRequest) },
  responses: {
    200: jsonAnswer("The last one; a later `compared_at` tells that this one is done", ClusterComparison),
    ...problems,
  },
});

export const comparisonRoutes = createRouter();

comparisonRoutes.openapi(read, async (c) => {
  const input = { clusterId: c.req.valid("param").cluster_id };
  return c.json(await readComparison({ ctx: c.var.ctx, input }), 200);
});

comparisonRoutes.openapi(reconcile, async (c) => {
  const input = { clusterId: c.req.valid("param").cluster_id, ...c.req.valid("json") };
  return c.json(await reconcileCluster({ ctx: c.var.ctx, input }), 200);
});
