/** The objects' own namespaces, for tests that look inside: elsewhere only their ports are named. */
import { env } from "cloudflare:workers";
import type { FleetMailbox } from "../objects/fleet-mailbox.ts";
import type { TokenMeter } from "../objects/token-meter.ts";

interface Namespaces {
  TOKEN_METER: DurableObjectNamespace<TokenMeter>;
  FLEET_MAILBOX: DurableObjectNamespace<FleetMailbox>;
}

export const { TOKEN_METER: meters, FLEET_MAILBOX: mailboxes } = env as unknown as Namespaces;
