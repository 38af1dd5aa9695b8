/** The Worker's entry: requests, the minute's sweep, and the Durable Objects. */
import { app } from "./app.ts";
import type { Env } from "./env.ts";

export { FleetMailbox } from "./objects/fleet-mailbox.ts";
export { TokenMeter } from "./objects/token-meter.ts";

export default { fetch: app.fetch } satisfies ExportedHandler<Env>;
