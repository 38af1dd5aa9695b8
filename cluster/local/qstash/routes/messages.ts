import { Hono } from "hono";
import { matches, valuesOf } from "../filters.ts";
import { notFound } from "../qstash-error.ts";
import type { Service } from "../service.ts";
import { showMessage } from "../views.ts";
import { queryOf } from "./caller.ts";

/** `/v2/messages`: look at or cancel what is still under way. */
export function messageRoutes({ core, dispatcher }: Service): Hono {
  const cancelAll = (ids: string[]) => ids.filter((id) => dispatcher.cancel(id)).length;
  return new Hono()
    .get("/v2/messages/:id", (context) => {
      const message = core.messages.get(context.req.param("id"));
      if (!message) throw notFound("message");
      return context.json(showMessage(message));
    })
    .delete("/v2/messages/:id", (context) => {
      if (!dispatcher.cancel(context.req.param("id"))) throw notFound("message");
      return context.json({ cancelled: 1 }, 202);
    })
    .delete("/v2/messages", (context) => {
      const query = queryOf(context);
      const ids = valuesOf(query, "messageIds");
      if (ids.length > 0) return context.json({ cancelled: cancelAll(ids) }, 202);
      const found = [...core.messages.values()].filter((message) =>
        matches(query, { message, time: message.createdAt }),
      );
      return context.json({ cancelled: cancelAll(found.map((message) => message.messageId)) }, 202);
    });
}
