import { type Context, Hono } from "hono";
import * as z from "zod";
import { commit, draft, type Published, type PublishInput } from "../publish.ts";
import { qstashError } from "../qstash-error.ts";
import { checkQueueName } from "../queues.ts";
import type { Service } from "../service.ts";
import { bodyBase64, callerIp, rawAfter } from "./caller.ts";

const Batch = z.array(
  z.object({
    destination: z.string(),
    headers: z.record(z.string(), z.string()).default({}),
    body: z.string().nullish(),
    queue: z.string().optional(),
  }),
);

/** `/v2/publish`, `/v2/enqueue`, `/v2/batch`. */
export function publishRoutes(service: Service): Hono {
  const publish = async (context: Context, destination: string, queueName?: string) => {
    const input: PublishInput = {
      destination,
      headers: context.req.raw.headers,
      bodyBase64: await bodyBase64(context),
      queueName,
      callerIp: callerIp(context),
    };
    const published = commit(service, draft(service.core, input));
    return context.json(published, isDuplicate(published) ? 202 : 200);
  };
  const refuseIfDown = () => {
    if (service.core.faults.strikes("publish")) throw qstashError(503, "service unavailable");
  };
  return new Hono()
    .post("/v2/publish/*", (context) => {
      refuseIfDown();
      return publish(context, rawAfter(context, "/v2/publish/"));
    })
    .post("/v2/enqueue/:queue/*", (context) => {
      refuseIfDown();
      const name = checkQueueName(context.req.param("queue"));
      return publish(context, rawAfter(context, `/v2/enqueue/${name}/`), name);
    })
    .post("/v2/batch", async (context) => {
      refuseIfDown();
      const drafts = (await readBatch(context)).map((input) => draft(service.core, input));
      return context.json(drafts.map((one) => commit(service, one)));
    });
}

const isDuplicate = (published: Published | Published[]): boolean =>
  !Array.isArray(published) && !!published.deduplicated;

async function readBatch(context: Context): Promise<PublishInput[]> {
  const parsed = Batch.safeParse(await context.req.json().catch(() => undefined));
  if (!parsed.success) throw qstashError(400, `invalid batch: ${z.prettifyError(parsed.error)}`);
  return parsed.data.map(({ destination, headers, body, queue }) => ({
    destination,
    headers: new Headers(headers),
    bodyBase64: Buffer.from(body ?? "").toString("base64"),
    queueName: queue === undefined ? undefined : checkQueueName(queue),
    callerIp: callerIp(context),
  }));
}
