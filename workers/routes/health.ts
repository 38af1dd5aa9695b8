import { OpenAPIHono } from "@hono/zod-openapi";
import { AppError } from "#schema/domain/errors.ts";
import type { AppEnv } from "../http/app-env.ts";
import { bearerOf, findKey } from "../http/internal-auth.ts";
import { checkServices } from "../sweep/check-services.ts";
import { VERSION } from "../version.ts";

export const healthRoutes = new OpenAPIHono<AppEnv>();

/** With `?deep=1` and an operator's key, also whether the services behind the edge answer. */
healthRoutes.get("/healthz", async (c) => {
  if (c.req.query("deep") === undefined) return c.json({ ok: true, version: VERSION });
  const { ctx } = c.var;
  const key = bearerOf(c.req.header("authorization"));
  if (!key || !(await findKey(ctx.config.INTERNAL_KEYS, key))) {
    throw new AppError("unauthorized", "The deep check takes an operator's key");
  }
  const services = await checkServices(ctx);
  const ok = Object.values(services).every((service) => service.ok);
  return c.json({ ok, version: VERSION, services }, ok ? 200 : 503);
});
