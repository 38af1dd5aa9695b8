import { OpenAPIHono } from "@hono/zod-openapi";
import type { AppEnv } from "../env.ts";

export const healthRoutes = new OpenAPIHono<AppEnv>();

healthRoutes.get("/healthz", (c) => c.json({ ok: true, version: "0.1.0" }));
