/** What the Worker is bound to (wrangler.toml); the string variables are read by config.ts alone. */
import type { Ctx } from "./context.ts";
import type { FleetMailbox } from "./objects/fleet-mailbox.ts";
import type { TokenMeter } from "./objects/token-meter.ts";

export interface Env {
  ASSETS: Fetcher;
  /** One per customer: `getByName(customerId)`. */
  TOKEN_METER: DurableObjectNamespace<TokenMeter>;
  /** One per cluster: `getByName(clusterId)`. */
  FLEET_MAILBOX: DurableObjectNamespace<FleetMailbox>;
  /** Workers Analytics Engine; nothing is measured without it. */
  USAGE_METRICS?: AnalyticsEngineDataset;
}

/** Hono's view of a request: every route of the Worker has `c.var.ctx`. */
export interface AppEnv {
  Bindings: Env;
  Variables: { ctx: Ctx };
}
