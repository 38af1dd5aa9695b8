/** The edge's routes, audience by audience. */
import { OpenAPIHono } from "@hono/zod-openapi";
import type { AppError } from "#schema/domain/errors.ts";
import { newId } from "#schema/domain/ids.ts";
import type { Ctx } from "./context.ts";
import type { AppEnv } from "./http/app-env.ts";
import { noRoute } from "./http/no-route.ts";
import { problemResponse, toAppError } from "./http/problem.ts";
import { requestContext } from "./http/request-context.ts";
import { createLog } from "./log.ts";
import { fleetRoutes } from "./routes/fleet.ts";
import { healthRoutes } from "./routes/health.ts";
import { hookRoutes } from "./routes/hooks.ts";
import { internalRoutes } from "./routes/internal/routes.ts";
import { proxyRoutes } from "./routes/models.ts";
import { referenceRoutes } from "./routes/reference.ts";

export const app = new OpenAPIHono<AppEnv>();

app.use(requestContext());
app.route("/", healthRoutes);
app.route("/", referenceRoutes);
app.route("/", internalRoutes);
app.route("/", fleetRoutes);
app.route("/", hookRoutes);
app.route("/", proxyRoutes);
app.notFound(noRoute(app));
app.onError((thrown, c) => {
  const error = toAppError(thrown);
  const ctx: Ctx | undefined = c.var.ctx;
  if (!ctx) return withoutContext(error);
  if (error.status >= 500) ctx.log.error(error);
  else ctx.log.set({ error_code: error.code });
  return problemResponse(error, ctx.requestId);
});

/** The context itself could not be made: the configuration is not complete, and the log says what is missing. */
function withoutContext(error: AppError): Response {
  const requestId = newId();
  const log = createLog("request", requestId);
  log.error(error);
  log.emit();
  return problemResponse(error, requestId);
}
