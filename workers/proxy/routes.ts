import { Hono } from "hono";
import type { AppEnv } from "../env.ts";

export const proxyRoutes = new Hono<AppEnv>();
