import { type Context, Hono } from "hono";
import * as z from "zod";
import { notFound, qstashError } from "../qstash-error.ts";
import { isHttpUrl } from "../read-settings.ts";
import type { Service } from "../service.ts";

const Endpoints = z.object({
  endpoints: z.array(z.object({ url: z.string().optional(), name: z.string().optional() })),
});

/** `/v2/topics`: URL groups, which QStash once called topics. */
export function urlGroupRoutes({ core }: Service): Hono {
  const find = (name: string) => {
    const group = core.urlGroups.get(name);
    if (!group) throw notFound("URL group");
    return group;
  };
  return new Hono()
    .get("/v2/topics", (context) => context.json([...core.urlGroups.values()]))
    .get("/v2/topics/:name", (context) => context.json(find(context.req.param("name"))))
    .delete("/v2/topics/:name", (context) => {
      core.urlGroups.delete(find(context.req.param("name")).name);
      return context.body(null, 200);
    })
    .post("/v2/topics/:name/endpoints", async (context) => {
      const name = context.req.param("name");
      const now = core.clock.now();
      const added = (await readEndpoints(context)).map(({ url = "", ...rest }) => ({ url, ...rest }));
      if (!added.every(({ url }) => isHttpUrl(url)))
        throw qstashError(400, "every endpoint needs a url with http:// or https://");
      const old = core.urlGroups.get(name) ?? { name, createdAt: now, endpoints: [] };
      const kept = old.endpoints.filter((endpoint) => !added.some((one) => one.url === endpoint.url));
      core.urlGroups.set(name, { ...old, updatedAt: now, endpoints: [...kept, ...added] });
      return context.body(null, 200);
    })
    .delete("/v2/topics/:name/endpoints", async (context) => {
      const group = find(context.req.param("name"));
      const removed = await readEndpoints(context);
      const gone = (endpoint: { url: string; name?: string | undefined }) =>
        removed.some(({ url, name }) => url === endpoint.url || (name !== undefined && name === endpoint.name));
      const endpoints = group.endpoints.filter((endpoint) => !gone(endpoint));
      if (endpoints.length === 0) core.urlGroups.delete(group.name);
      else core.urlGroups.set(group.name, { ...group, updatedAt: core.clock.now(), endpoints });
      return context.body(null, 200);
    });
}

async function readEndpoints(context: Context) {
  const parsed = Endpoints.safeParse(await context.req.json().catch(() => undefined));
  if (!parsed.success) throw qstashError(400, `invalid endpoints: ${z.prettifyError(parsed.error)}`);
  return parsed.data.endpoints;
}
