/** A Worker with nothing but the Durable Objects, for their tests. */
export { FleetMailbox } from "../objects/fleet-mailbox.ts";
export { TokenMeter } from "../objects/token-meter.ts";

export default { fetch: () => new Response(null, { status: 404 }) } satisfies ExportedHandler;
