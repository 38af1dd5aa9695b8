import { Hono } from "hono";
import * as z from "zod";
import type { Queue } from "../message.ts";
import { qstashError } from "../qstash-error.ts";
import { findQueue, lagOf, requireQueue, upsertQueue } from "../queues.ts";
import type { Service } from "../service.ts";

const Upsert = z.object({
  queueName: z.string(),
  parallelism: z.int().min(1).default(1),
  paused: z.boolean().optional(),
});

/** `/v2/queues`: make, look at, pause and resume queues. */
export function queueRoutes({ core, dispatcher }: Service): Hono {
  const show = (queue: Queue) => ({ ...queue, lag: lagOf(core, queue.name) });
  const setPaused = (name: string, paused: boolean) => {
    requireQueue(core, name);
    upsertQueue(core, name, { paused });
    dispatcher.wake();
  };
  return new Hono()
    .get("/v2/queues", (context) => context.json([...core.queues.values()].map(show)))
    .post("/v2/queues", async (context) => {
      const parsed = Upsert.safeParse(await context.req.json().catch(() => undefined));
      if (!parsed.success) throw qstashError(400, `invalid queue: ${z.prettifyError(parsed.error)}`);
      const { queueName, parallelism, paused } = parsed.data;
      upsertQueue(core, queueName, { parallelism, ...(paused !== undefined && { paused }) });
      dispatcher.wake();
      return context.body(null, 200);
    })
    .get("/v2/queues/:name", (context) => context.json(show(findQueue(core, context.req.param("name")))))
    .delete("/v2/queues/:name", (context) => {
      core.queues.delete(findQueue(core, context.req.param("name")).name);
      return context.body(null, 200);
    })
    .post("/v2/queues/:name/pause", (context) => {
      setPaused(context.req.param("name"), true);
      return context.body(null, 200);
    })
    .post("/v2/queues/:name/resume", (context) => {
      setPaused(context.req.param("name"), false);
      return context.body(null, 200);
    });
}
