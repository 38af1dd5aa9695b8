import { Hono } from "hono";
import type { Event } from "../events.ts";
import { type Facts, matches, pageOf, valuesOf } from "../filters.ts";
import type { Service } from "../service.ts";
import { showEvent } from "../views.ts";
import { queryOf } from "./caller.ts";

const IN_PROGRESS = ["ACTIVE", "RETRY", "ERROR"];

/** `/v2/events` (what the SDK asks) and `/v2/logs` (what the docs say), newest first. */
export function logRoutes({ core }: Service): Hono {
  const page = (query: URLSearchParams) => {
    const ids = valuesOf(query, "messageIds");
    const found = core.events
      .newestFirst()
      .filter((event) => ids.length === 0 || ids.includes(event.message.messageId))
      .filter((event) => matches(query, factsOf(event)));
    const { items, ...rest } = pageOf(
      found,
      query,
      (event) => String(event.number),
      (event, cursor) => event.number < Number(cursor),
    );
    return { shown: items.map(showEvent), rest };
  };
  return new Hono()
    .get("/v2/events", (context) => {
      const { shown, rest } = page(queryOf(context));
      return context.json({ ...rest, events: shown });
    })
    .get("/v2/logs", (context) => {
      const { shown, rest } = page(queryOf(context));
      return context.json({ ...rest, logs: shown });
    });
}

function factsOf({ message, time, state, outcome }: Event): Facts {
  const states = IN_PROGRESS.includes(state) ? [state, "IN_PROGRESS"] : [state];
  return { message, time, states, responseStatus: outcome?.status };
}
