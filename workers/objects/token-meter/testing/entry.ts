/** A Worker with nothing but the meter, for its tests. */
export { TokenMeter } from "../../token-meter.ts";

export default { fetch: () => new Response(null, { status: 404 }) } satisfies ExportedHandler;
