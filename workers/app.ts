/** The edge's routes, audience by audience. */
import { Hono } from "hono";
import { methodNotAllowed } from "hono/method-not-allowed";
import type { AppError } from "#schema/domain/errors.ts";
import { newId } from "#schema/domain/ids.ts";
import type { Ctx } from "./context.ts";
import type { AppEnv } from "./http/app-env.ts";
import { notFound, otherMethod } from "./http/no-route.ts";
import { problemResponse, toAppError } from "./http/problem.ts";
import { requestContext } from "./http/request-context.ts";
import { logError } from "./log.ts";
import { qstashRoutes } from "./routes/hooks/qstash.ts";
import { proxyRoutes } from "./routes/models.ts";
import { routes } from "./routes/routes.ts";

export const app = new Hono<AppEnv>();

app.use(requestContext());
// First, with its own answer to every path below /v1: vendors' clients expect their own error shapes.
app.route("/", proxyRoutes);
app.use(methodNotAllowed({ app, onMethodNotAllowed: otherMethod }));
app.route("/", routes);
app.route("/", qstashRoutes);
app.notFound(notFound);
app.onError((thrown, c) => {
  const error = toAppError(thrown);
  const ctx: Ctx | undefined = c.var.ctx;
  if (!ctx) return withoutContext(error);
  if (error.status >= 500) ctx.log.error(error);
  else ctx.log.set({ error_code: error.code });
  return problemResponse(error, ctx.requestId);
});

/** The context could not be made because the configuration is invalid; the log names what is missing. */
function withoutContext(error: AppError): Response {
  const requestId = newId();
  logError("request", requestId, error, {});
  return problemResponse(error, requestId);
}
