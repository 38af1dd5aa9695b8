/** Operators: the fleet as a whole. */
import { createRoute } from "@hono/zod-openapi";
import * as z from "zod";
import { DrainRequest, Fleet, FleetCluster, OperatorKey } from "#schema/contracts/fleet-status.ts";
import { AppError } from "#schema/domain/errors.ts";
import { requireScope } from "../../http/internal-auth.ts";
import { drainCluster, resumeCluster } from "../../services/fleet/drain-cluster.ts";
import { fleetStatus } from "../../services/fleet/fleet-status.ts";
import { common, jsonAnswer, jsonBody } from "./operation.ts";
import { createRouter } from "./router.ts";

const { security, problems } = common;
const ClusterId = z.object({ cluster_id: z.string().regex(/^[a-z0-9-]{1,32}$/) });

const status = createRoute({
  method: "get",
  path: "/internal/fleet",
  summary: "The clusters: who is connected, which boxes there are, what waits",
  tags: ["Clusters"],
  security,
  middleware: [requireScope("boxes:read")],
  responses: { 200: jsonAnswer("All of them", Fleet), ...problems },
});

const drain = createRoute({
  method: "post",
  path: "/internal/clusters/{cluster_id}/drain",
  summary: "Take a cluster out of work: no new boxes, no jobs; its boxes go on running",
  tags: ["Clusters"],
  security,
  middleware: [requireScope("fleet:write")],
  request: { params: ClusterId, ...jsonBody(DrainRequest) },
  responses: {
    200: jsonAnswer("The cluster; `jobs.running` tells when it has come to rest", FleetCluster),
    ...problems,
  },
});

const resume = createRoute({
  method: "post",
  path: "/internal/clusters/{cluster_id}/resume",
  summary: "Take a cluster back to work",
  tags: ["Clusters"],
  security,
  middleware: [requireScope("fleet:write")],
  request: { params: ClusterId },
  responses: { 200: jsonAnswer("The cluster", FleetCluster), ...problems },
});

const key = createRoute({
  method: "get",
  path: "/internal/key",
  summary: "Whose key this is, and what it may do",
  tags: ["Keys"],
  security,
  responses: { 200: jsonAnswer("The key that asks", OperatorKey), ...problems },
});

export const fleetStatusRoutes = createRouter();

fleetStatusRoutes.openapi(status, async (c) => c.json(await fleetStatus({ ctx: c.var.ctx }), 200));
fleetStatusRoutes.openapi(drain, async (c) => {
  const input = { clusterId: c.req.valid("param").cluster_id, ...c.req.valid("json") };
  return c.json(await drainCluster({ ctx: c.var.ctx, input }), 200);
});
fleetStatusRoutes.openapi(resume, async (c) => {
  const input = { clusterId: c.req.valid("param").cluster_id };
  return c.json(await resumeCluster({ ctx: c.var.ctx, input }), 200);
});
fleetStatusRoutes.openapi(key, (c) => {
  const { actor } = c.var.ctx;
  if (actor.kind !== "operator") throw new AppError("unauthorized", "Only an operator has a key");
  return c.json({ name: actor.name, scopes: [...actor.scopes] }, 200);
});
