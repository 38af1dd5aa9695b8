/** `/openapi.json`, and `/reference`: the same as a page to read, without a script or anything from elsewhere. */
import { OpenAPIHono } from "@hono/zod-openapi";
import type { AppEnv } from "../http/app-env.ts";
import { VERSION } from "../version.ts";
import { internalRoutes } from "./internal/routes.ts";
import { referencePage } from "./reference-page.ts";

internalRoutes.openAPIRegistry.registerComponent("securitySchemes", "operatorKey", {
  type: "http",
  scheme: "bearer",
  description: "An operator's key with the scope that the operation needs",
});

const documentFor = (url: string) =>
  internalRoutes.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "openclaw-cloud",
      version: VERSION,
      description: "Operators' API. Errors are RFC 9457 problem+json with a stable `code` and the request's id.",
    },
    servers: [{ url }],
  });

export const referenceRoutes = new OpenAPIHono<AppEnv>();

referenceRoutes.get("/openapi.json", (c) => c.json(documentFor(c.var.ctx.config.PUBLIC_URL)));
referenceRoutes.get("/reference", (c) => {
  c.header("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'");
  return c.html(referencePage(documentFor(c.var.ctx.config.PUBLIC_URL)));
});
