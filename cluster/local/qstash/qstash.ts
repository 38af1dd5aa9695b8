/**
 * QStash on this machine: the API that `@upstash/qstash` speaks, deliveries with its backoff, order and signatures.
 * What is known of the service is written where it is used, with its source; limits are those of the pay-as-you-go
 * plan. Not here: the LLM and workflow APIs, and the quota on messages per day.
 */
import { Hono, type MiddlewareHandler } from "hono";
import type { StandIn } from "../http/stand-in.ts";
import { createCore, type QStashOptions } from "./core.ts";
import { createDispatcher, type Dispatcher } from "./dispatcher.ts";
import type { FaultKnobs } from "./faults.ts";
import { qstashError } from "./qstash-error.ts";
import { dlqRoutes } from "./routes/dlq.ts";
import { flowControlRoutes } from "./routes/flow-control.ts";
import { keyRoutes } from "./routes/keys.ts";
import { logRoutes } from "./routes/logs.ts";
import { messageRoutes } from "./routes/messages.ts";
import { pageRoutes } from "./routes/page.ts";
import { publishRoutes } from "./routes/publish.ts";
import { queueRoutes } from "./routes/queues.ts";
import { scheduleRoutes } from "./routes/schedules.ts";
import { urlGroupRoutes } from "./routes/url-groups.ts";
import { fireSchedules } from "./schedules.ts";

export type { QStashOptions } from "./core.ts";

export interface QStash extends StandIn {
  /**
   * Resolves when everything that may be delivered by now has been: nothing is under way, and what is left waits for
   * its time, for a paused queue or for flow control.
   */
  idle(): Promise<void>;
  faults: FaultKnobs;
}

/** Messages of an earlier run (`storage`) are delivered from here on, when they are due. */
export function createQStash(options: QStashOptions): QStash {
  const core = createCore(options);
  const dispatcher: Dispatcher = createDispatcher(core, () =>
    fireSchedules(core, (messages) => dispatcher.accept(messages)),
  );
  const service = { core, dispatcher };
  const app = new Hono();
  app.use("/v2/*", requireToken(options.token));
  const routes = [
    publishRoutes,
    messageRoutes,
    queueRoutes,
    dlqRoutes,
    scheduleRoutes,
    flowControlRoutes,
    urlGroupRoutes,
    logRoutes,
    keyRoutes,
    pageRoutes,
  ];
  for (const route of routes) app.route("/", route(service));
  dispatcher.wake();
  return { app, idle: dispatcher.idle, faults: core.faults.knobs, close: dispatcher.close };
}

function requireToken(token: string): MiddlewareHandler {
  return async (context, next) => {
    const [scheme, given] = (context.req.header("authorization") ?? "").split(" ");
    if (scheme?.toLowerCase() !== "bearer" || given !== token) {
      throw qstashError(401, "unable to authenticate: invalid token");
    }
    await next();
  };
}
