import { Hono } from "hono";
import { ApiError, unauthorized } from "./api-error.ts";
import type { Context } from "./context.ts";
import { fileBytes } from "./files.ts";
import { botMethods } from "./methods/bot.ts";
import { editMethods } from "./methods/editing.ts";
import { messageMethods } from "./methods/messages.ts";
import { updateMethods } from "./methods/updates.ts";
import { type Methods, readParams } from "./params.ts";
import type { BotRecord } from "./world.ts";

/** What the edge and OpenClaw call; a method is added the day one of them calls it. */
const METHODS: Methods = { ...botMethods, ...messageMethods, ...editMethods, ...updateMethods };

/** `/bot<token>/<method>` and `/file/bot<token>/<path>` (core.telegram.org/bots/api#making-requests). */
export function botApi(ctx: Context): Hono {
  const app = new Hono();
  app.on(["GET", "POST"], "/:bot{bot[^/]+}/:method", async (c) => {
    const bot = authenticate(ctx, c.req.param("bot"));
    const name = c.req.param("method");
    const method = Object.hasOwn(METHODS, name) ? METHODS[name] : undefined;
    if (!method) throw notFound();
    const result = await method({ ctx, bot, params: await readParams(c), signal: c.req.raw.signal });
    return c.json({ ok: true, result });
  });
  app.get("/file/:bot{bot[^/]+}/:path{.+}", (c) => {
    authenticate(ctx, c.req.param("bot"));
    const bytes = fileBytes(ctx, c.req.param("path"));
    if (!bytes) throw notFound();
    return c.body(new Uint8Array(bytes), 200, { "content-type": "application/octet-stream" });
  });
  app.all("*", () => {
    throw notFound();
  });
  app.onError((error) => {
    if (!(error instanceof ApiError)) throw error;
    return Response.json({ ok: false, error_code: error.code, description: error.message }, { status: error.code });
  });
  return app;
}

const notFound = () => new ApiError(404, "Not Found");

/** Telegram answers 404 to a malformed token, and 401 to an unknown one. @throws ApiError */
function authenticate({ storage }: Context, segment: string): BotRecord {
  const token = segment.slice("bot".length);
  if (!/^\d{1,20}:[A-Za-z0-9_-]{30,64}$/.test(token)) throw notFound();
  const bot = storage.world.bots.find((each) => each.token === token);
  if (!bot) throw unauthorized();
  return bot;
}
