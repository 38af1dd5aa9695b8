/** All operations, audience by audience. /v1/* and /hooks/* are separate, because vendors define their formats. */
import { Hono, type MiddlewareHandler } from "hono";
import type { AppEnv } from "../http/app-env.ts";
import { otherMethod } from "../http/no-route.ts";
import { changeOperations } from "./boxes/changes.ts";
import { transferOperations } from "./boxes/transfers.ts";
import { clusterOperations as fleetClusterOperations } from "./fleet/cluster.ts";
import { jobOperations as fleetJobOperations } from "./fleet/jobs.ts";
import { auditOperations } from "./internal/audit.ts";
import { backupOperations } from "./internal/backups.ts";
import { boxOperations } from "./internal/boxes.ts";
import { clusterOperations } from "./internal/clusters.ts";
import { jobOperations } from "./internal/jobs.ts";
import { keyOperations } from "./internal/keys.ts";
import { rolloutOperations } from "./internal/rollouts.ts";
import { tokenOperations } from "./internal/tokens.ts";
import { usageOperations } from "./internal/usage.ts";
import type { Operation } from "./operation.ts";
import { healthOperations } from "./public/health.ts";
import { referenceOperations } from "./public/reference.ts";

export const operations: readonly Operation[] = [
  ...healthOperations,
  ...referenceOperations(() => operations.map(({ description }) => description)),
  ...boxOperations,
  ...jobOperations,
  ...backupOperations,
  ...rolloutOperations,
  ...tokenOperations,
  ...usageOperations,
  ...clusterOperations,
  ...keyOperations,
  ...auditOperations,
  ...fleetClusterOperations,
  ...fleetJobOperations,
  ...transferOperations,
  ...changeOperations,
];

export const routes = new Hono<AppEnv>();
routes.use(asTheyStand(operations));
for (const { description, handlers } of operations) {
  routes.on([description.method], [description.path.replaceAll(/\{(\w+)\}/g, ":$1")], ...handlers);
}

/** A path without parameters has only its own methods: GET /internal/tokens/lookup is not a token's id. */
function asTheyStand(all: readonly Operation[]): MiddlewareHandler<AppEnv> {
  const methodsOf = new Map<string, string[]>();
  for (const { description } of all) {
    const { path, method } = description;
    const methods = method === "get" ? ["GET", "HEAD"] : [method.toUpperCase()];
    if (!path.includes("{")) methodsOf.set(path, [...(methodsOf.get(path) ?? []), ...methods]);
  }
  return async (c, next) => {
    const methods = methodsOf.get(c.req.path);
    return methods === undefined || methods.includes(c.req.method) ? next() : otherMethod(c, methods);
  };
}
