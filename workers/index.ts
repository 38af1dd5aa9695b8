/** The Worker's entry: requests, the minute's sweep, and the Durable Objects. */
import { app } from "./app.ts";
import { createContext } from "./context.ts";
import type { Env } from "./env.ts";
import { sweep } from "./sweep/sweep.ts";

export { FleetMailbox } from "./objects/fleet-mailbox.ts";
export { TokenMeter } from "./objects/token-meter.ts";

export default {
  fetch: app.fetch,
  async scheduled(_event, env, execution) {
    const defer = (work: Promise<unknown>): void => execution.waitUntil(work);
    const ctx = createContext(env, { kind: "sweep", actor: { kind: "system" }, defer });
    const failed = await sweep({ ctx });
    ctx.log.emit(failed > 0 ? "error" : "info");
  },
} satisfies ExportedHandler<Env>;
