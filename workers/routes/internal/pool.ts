/** Operators: the boxes that a cluster keeps ready. */
import { createRoute } from "@hono/zod-openapi";
import * as z from "zod";
import { Pool, PoolRequest } from "#schema/contracts/pool.ts";
import { requireScope } from "../../http/internal-auth.ts";
import { readPool } from "../../services/pool/read-pool.ts";
import { setPool } from "../../services/pool/set-pool.ts";
import { common, jsonAnswer, jsonBody } from "./operation.ts";
import { createRouter } from "./router.ts";

const ClusterId = z.object({ cluster_id: z.string().regex(/^[a-z0-9-]{1,32}$/) });
const path = "/internal/clusters/{cluster_id}/pool";
const { security, problems } = common;
const tags = ["Clusters"];

const get = createRoute({
  method: "get",
  path,
  summary: "A cluster's warm pool: its boxes, its hit rate, what it takes",
  tags,
  security,
  middleware: [requireScope("boxes:read")],
  request: { params: ClusterId },
  responses: { 200: jsonAnswer("The pool, by tier", Pool), ...problems },
});

const put = createRoute({
  method: "put",
  path,
  summary: "Set how many boxes a cluster keeps ready",
  tags,
  security,
  middleware: [requireScope("fleet:write")],
  request: { params: ClusterId, ...jsonBody(PoolRequest) },
  responses: { 200: jsonAnswer("The pool, on its way there", Pool), ...problems },
});

export const poolRoutes = createRouter();

poolRoutes.openapi(get, async (c) => {
  const { cluster_id: clusterId } = c.req.valid("param");
  return c.json(await readPool({ ctx: c.var.ctx, input: { clusterId } }), 200);
});
poolRoutes.openapi(put, async (c) => {
  const input = { clusterId: c.req.valid("param").cluster_id, sizes: c.req.valid("json") };
  return c.json(await setPool({ ctx: c.var.ctx, input }), 200);
});
