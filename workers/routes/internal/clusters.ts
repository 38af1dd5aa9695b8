/** Operators: clusters. */
import { createRoute } from "@hono/zod-openapi";
import * as z from "zod";
import { ClusterKeys, RevokeAgentKeyRequest } from "#schema/contracts/clusters.ts";
import { requireScope } from "../../http/internal-auth.ts";
import { revokeAgentKey } from "../../services/fleet/revoke-agent-key.ts";
import { common, jsonAnswer, jsonBody } from "./operation.ts";
import { createRouter } from "./router.ts";

const ClusterId = z.object({ cluster_id: z.string().regex(/^[a-z0-9-]{1,32}$/) });

const revokeKey = createRoute({
  method: "post",
  path: "/internal/clusters/{cluster_id}/revoke-agent-key",
  summary: "Take a key from a cluster's agents, at once",
  tags: ["Clusters"],
  security: common.security,
  middleware: [requireScope("fleet:write")],
  request: { params: ClusterId, ...jsonBody(RevokeAgentKeyRequest) },
  responses: { 200: jsonAnswer("The keys that are left", ClusterKeys), ...common.problems },
});

export const clusterRoutes = createRouter();

clusterRoutes.openapi(revokeKey, async (c) => {
  const input = { clusterId: c.req.valid("param").cluster_id, kid: c.req.valid("json").kid };
  return c.json(await revokeAgentKey({ ctx: c.var.ctx, input }), 200);
});
