import { Hono } from "hono";
import { ApiError } from "./api-error.ts";
import type { Context } from "./context.ts";
import { bytesAt } from "./file-store.ts";
import { findMethod } from "./methods/methods.ts";
import { Explained } from "./methods/updates.ts";
import { type Params, readParams } from "./params.ts";
import { isWellFormed } from "./token.ts";
import type { BotRecord } from "./world.ts";

/** `/bot<token>/<method>` and `/file/bot<token>/<path>` (core.telegram.org/bots/api#making-requests). */
export function botApi(ctx: Context): Hono {
  const app = new Hono();
  app.on(["GET", "POST"], "/:bot{bot[^/]+}/:method", async (c) => {
    return answer(async () => {
      const bot = authenticate(ctx, c.req.param("bot"));
      const params = await readParams(c);
      return call(ctx, bot, c.req.param("method"), params, c.req.raw.signal);
    });
  });
  app.get("/file/:bot{bot[^/]+}/:path{.+}", (c) =>
    answer(() => {
      authenticate(ctx, c.req.param("bot"));
      const bytes = bytesAt(ctx, c.req.param("path"));
      if (!bytes) throw new ApiError(404, "Not Found");
      return new Response(new Uint8Array(bytes), { headers: { "content-type": "application/octet-stream" } });
    }),
  );
  return app;
}

/** @throws ApiError 404 for what can't be a token, 401 for one that is nobody's. */
function authenticate({ storage }: Context, segment: string): BotRecord {
  const token = segment.slice("bot".length);
  if (!isWellFormed(token)) throw new ApiError(404, "Not Found");
  const bot = storage.world.bots.find((each) => each.token === token);
  if (!bot) throw new ApiError(401, "Unauthorized");
  return bot;
}

/** @throws ApiError */
export async function call(
  ctx: Context,
  bot: BotRecord,
  name: string,
  params: Params,
  signal: AbortSignal,
): Promise<Response> {
  const method = findMethod(name);
  if (!method) throw new ApiError(404, "Not Found");
  ctx.faults.check(name, bot.username);
  const token = bot.token;
  const result = await method({ ctx, bot, params, signal });
  // The token was replaced while a long poll was open.
  if (bot.token !== token && /^getUpdates$/i.test(name)) throw new ApiError(401, "Unauthorized");
  if (result instanceof Explained) return Response.json({ ok: true, ...result });
  return Response.json({ ok: true, result });
}

async function answer(work: () => Response | Promise<Response>): Promise<Response> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const { code, message, retryAfter } = error;
    const headers = new Headers(retryAfter === undefined ? {} : { "retry-after": String(retryAfter) });
    const parameters = retryAfter === undefined ? {} : { parameters: { retry_after: retryAfter } };
    return Response.json(
      { ok: false, error_code: code, description: message, ...parameters },
      { status: code, headers },
    );
  }
}
