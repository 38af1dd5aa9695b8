import type { Ctx } from "../context.ts";
import type { Env } from "../env.ts";

/** Hono's view of a request: every route of the Worker has `c.var.ctx`. */
export interface AppEnv {
  Bindings: Env;
  Variables: {
    ctx: Ctx;
    /** The part of the credential that an operation's verb gets (routes/audiences.ts). */
    claims: object;
  };
}
