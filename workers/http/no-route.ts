import type { Context, Hono } from "hono";
import { AppError } from "#schema/domain/errors.ts";
import type { AppEnv } from "./app-env.ts";
import { problemResponse } from "./problem.ts";

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/** 405 with `Allow` where the path exists under another method, else 404. */
export function noRoute(app: Hono<AppEnv>) {
  return (c: Context<AppEnv>): Response => {
    const allowed = METHODS.filter((method) => hasHandler(app, method, c.req.path));
    const { requestId } = c.var.ctx;
    if (allowed.length === 0) return problemResponse(new AppError("not_found", "There is no such route"), requestId);
    const words = `${c.req.path} takes ${allowed.join(", ")}`;
    const response = problemResponse(new AppError("method_not_allowed", words), requestId);
    response.headers.set("allow", allowed.join(", "));
    return response;
  };
}

/** Middleware is registered for all methods; a route for one. */
function hasHandler(app: Hono<AppEnv>, method: string, path: string): boolean {
  return app.router.match(method, path)[0].some(([[, route]]) => route.method === method);
}
