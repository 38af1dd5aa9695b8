import type { Ctx } from "../context.ts";
import type { Env } from "../env.ts";

/** Hono's view of a request: every route of the Worker has `c.var.ctx`. */
export interface AppEnv {
  Bindings: Env;
  Variables: {
    ctx: Ctx;
    /** What of the credential goes into the input of an operation's verb (routes/audiences.ts). */
    claims: object;
  };
}
