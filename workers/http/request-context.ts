import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import { matchedRoutes, routePath } from "hono/route";
import { type Ctx, createContext } from "../context.ts";
import { actorName } from "../contracts/actor.ts";
import type { AppEnv } from "./app-env.ts";

/** Gives the request its context and id, and writes its one log line. */
export const requestContext = () =>
  createMiddleware<AppEnv>(async function requestContext(c, next) {
    const ctx = createContext(c.env, { kind: "request", defer: (work) => c.executionCtx.waitUntil(work) });
    c.set("ctx", ctx);
    await next();
    if (c.res.status !== 101) setHeaders(c.res.headers, ctx);
    ctx.log.set({
      method: c.req.method,
      route: routeOf(c),
      status: c.res.status,
      actor: actorName(ctx.actor),
    });
    ctx.log.emit();
  });

/** The route that answered: middleware matches all methods, and a catch-all may follow it. */
const routeOf = (c: Context<AppEnv>): string =>
  matchedRoutes(c).find(({ method }) => method === c.req.method)?.path ?? routePath(c, -1);

/** Makes browsers use https only, for a year. Pages get the header from site/public/_headers. */
function setHeaders(headers: Headers, { config, requestId }: Ctx): void {
  headers.set("x-request-id", requestId);
  if (config.PUBLIC_URL.startsWith("https:")) headers.set("strict-transport-security", "max-age=31536000");
}
