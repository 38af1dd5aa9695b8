import { type Context, Hono } from "hono";
import { GLOBAL_PARALLELISM } from "../dispatcher.ts";
import type { FlowKey } from "../flow-control.ts";
import { notFound, qstashError } from "../qstash-error.ts";
import type { Service } from "../service.ts";
import { showFlowKey } from "../views.ts";

/** `/v2/flowControl` and `/v2/globalParallelism`. */
export function flowControlRoutes({ core, dispatcher }: Service): Hono {
  const { flow } = core;
  const show = (key: FlowKey) => ({
    ...showFlowKey(flow, key),
    waitListSize: countMessages(core.messages.values(), key.key) - flow.usage(key.key).running,
  });
  const change = (act: (key: string, context: Context) => void) => (context: Context) => {
    act(context.req.param("key") ?? "", context);
    dispatcher.wake();
    return context.body(null, 200);
  };
  return new Hono()
    .get("/v2/flowControl", (context) => {
      const search = context.req.query("search") ?? "";
      return context.json(
        flow
          .keys()
          .filter(({ key }) => key.includes(search))
          .map(show),
      );
    })
    .get("/v2/flowControl/:key", (context) => {
      const key = flow.get(context.req.param("key"));
      if (!key) throw notFound("flow control key");
      return context.json(show(key));
    })
    .post(
      "/v2/flowControl/:key/pause",
      change((key) => flow.setPaused(key, true)),
    )
    .post(
      "/v2/flowControl/:key/resume",
      change((key) => flow.setPaused(key, false)),
    )
    .post(
      "/v2/flowControl/:key/resetRate",
      change((key) => flow.resetRate(key)),
    )
    .post(
      "/v2/flowControl/:key/reset",
      change((key) => flow.resetRate(key)),
    )
    .post(
      "/v2/flowControl/:key/pin",
      change((key, context) => {
        const periodSeconds = readCount(context, "period");
        flow.pin(key, {
          parallelism: readCount(context, "parallelism"),
          rate: readCount(context, "rate"),
          ...(periodSeconds !== undefined && { periodSeconds }),
        });
      }),
    )
    .post(
      "/v2/flowControl/:key/unpin",
      change((key, context) => {
        const asked = (name: string) => context.req.query(name) === "true";
        flow.unpin(key, { parallelism: asked("parallelism"), rate: asked("rate") });
      }),
    )
    .get("/v2/globalParallelism", (context) =>
      context.json({ parallelismMax: GLOBAL_PARALLELISM, parallelismCount: dispatcher.runningCount() }),
    );
}

function readCount(context: Context, name: string): number | undefined {
  const value = context.req.query(name);
  if (value === undefined) return undefined;
  if (!/^[1-9]\d*$/.test(value)) throw qstashError(400, `invalid ${name} "${value}": give a whole number above 0`);
  return Number(value);
}

function countMessages(messages: Iterable<{ settings: { flowControl?: { key: string } | undefined } }>, key: string) {
  let count = 0;
  for (const { settings } of messages) if (settings.flowControl?.key === key) count += 1;
  return count;
}
