import { Hono } from "hono";
import type { Service } from "../service.ts";

/** `/v2/keys`: the signing keys and their rotation. */
export function keyRoutes({ core }: Service): Hono {
  return new Hono()
    .get("/v2/keys", (context) => context.json(core.keyRing.keys()))
    .post("/v2/keys/rotate", (context) => context.json(core.keyRing.rotate()));
}
