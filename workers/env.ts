/** What the Worker is bound to (wrangler.toml); the string variables are read by config.ts alone. */
import type { Mailbox } from "./contracts/mailbox.ts";
import type { Meter } from "./contracts/meter.ts";

/** A namespace of Durable Objects, by the port that their class serves. */
export interface Objects<Port> {
  getByName(name: string): Port;
}

export interface Env {
  ASSETS: Fetcher;
  /** One per customer: `getByName(customerId)`. */
  TOKEN_METER: Objects<Meter>;
  /** One per cluster: `getByName(clusterId)`. */
  FLEET_MAILBOX: Objects<Mailbox>;
  /** Workers Analytics Engine; without it there are no metrics. */
  USAGE_METRICS?: AnalyticsEngineDataset;
}
