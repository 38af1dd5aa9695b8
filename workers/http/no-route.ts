import type { Context } from "hono";
import { AppError } from "#schema/domain/errors.ts";
import type { AppEnv } from "./app-env.ts";
import { problemResponse } from "./problem.ts";

export const notFound = (c: Context<AppEnv>): Response =>
  problemResponse(new AppError("not_found", "There is no such route"), c.var.ctx.requestId);

/** 405 with `Allow`; OPTIONS is answered with the methods. */
export function otherMethod(c: Context<AppEnv>, methods: string[]): Response {
  const allow = ["OPTIONS", ...methods].sort().join(", ");
  if (c.req.method === "OPTIONS") return c.body(null, 204, { allow });
  const error = new AppError("method_not_allowed", `${c.req.path} takes ${allow}`);
  const response = problemResponse(error, c.var.ctx.requestId);
  response.headers.set("allow", allow);
  return response;
}
