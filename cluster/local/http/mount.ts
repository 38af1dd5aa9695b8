import type { IncomingMessage } from "node:http";
import { Hono } from "hono";
import type { StandIn, Upgrade } from "./stand-in.ts";

/** Puts each stand-in below its name: `mount({ neon, redis })` answers `/neon/…` and `/redis/…`. */
export function mount(standIns: Record<string, StandIn>): StandIn & { upgrade: Upgrade } {
  const app = new Hono();
  for (const [name, standIn] of Object.entries(standIns)) app.route(`/${name}`, standIn.app);
  return {
    app,
    upgrade(request, socket, head) {
      for (const [name, standIn] of Object.entries(standIns)) {
        if (standIn.upgrade && takePrefix(request, `/${name}`)) return standIn.upgrade(request, socket, head);
      }
      return false;
    },
    async close() {
      await Promise.all(Object.values(standIns).map((standIn) => standIn.close()));
    },
  };
}

/** Cuts the mount's prefix off the request's path, as Hono's routing does for ordinary requests. */
function takePrefix(request: IncomingMessage, prefix: string): boolean {
  const url = request.url ?? "/";
  if (!url.startsWith(`${prefix}/`)) return false;
  request.url = url.slice(prefix.length);
  return true;
}
