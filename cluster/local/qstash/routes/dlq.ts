import { type Context, Hono } from "hono";
import { compareIds } from "../dlq.ts";
import { matches, type Page, pageOf, valuesOf } from "../filters.ts";
import type { DeadMessage } from "../message.ts";
import { notFound } from "../qstash-error.ts";
import { retryDead } from "../retry-dead.ts";
import type { Service } from "../service.ts";
import { showDeadMessage } from "../views.ts";
import { queryOf } from "./caller.ts";

/** `/v2/dlq`: list, get, delete and retry, one or many. */
export function dlqRoutes(service: Service): Hono {
  const { deadLetters } = service.core;
  const find = (context: Context) => {
    const dead = deadLetters.get(context.req.param("id") ?? "");
    if (!dead) throw notFound("DLQ message");
    return dead;
  };
  return new Hono()
    .get("/v2/dlq", (context) => {
      const { items, ...rest } = select(service, queryOf(context));
      return context.json({ ...rest, messages: items.map(showDeadMessage) });
    })
    .delete("/v2/dlq", (context) => {
      const { items, ...rest } = select(service, queryOf(context));
      return context.json({ ...rest, deleted: items.filter(({ dlqId }) => deadLetters.remove(dlqId)).length });
    })
    .post("/v2/dlq/retry", (context) => {
      const { items, ...rest } = select(service, queryOf(context));
      const headers = context.req.raw.headers;
      return context.json(
        { ...rest, responses: items.map((dead) => ({ messageId: retryDead(service, dead, headers) })) },
        201,
      );
    })
    .post("/v2/dlq/retry/:id", (context) =>
      context.json({ messageId: retryDead(service, find(context), context.req.raw.headers) }, 201),
    )
    .get("/v2/dlq/:id", (context) => context.json(showDeadMessage(find(context))))
    .delete("/v2/dlq/:id", (context) => {
      deadLetters.remove(find(context).dlqId);
      return context.body(null, 200);
    });
}

/** By ids, or a page of those that match the filters. @throws 404 where an id is unknown. */
function select({ core }: Service, query: URLSearchParams): Page<DeadMessage> {
  const ids = valuesOf(query, "dlqIds");
  if (ids.length > 0) {
    const items = ids.flatMap((id) => core.deadLetters.get(id) ?? []);
    if (items.length === 0) throw notFound("DLQ message");
    return { items };
  }
  const found = core.deadLetters
    .all()
    .filter(({ message, outcome, failedAt }) =>
      matches(query, { message, time: failedAt, responseStatus: outcome.status }),
    );
  return pageOf(
    found,
    query,
    ({ dlqId }) => dlqId,
    ({ dlqId }, cursor) => compareIds(dlqId, cursor) > 0,
  );
}
