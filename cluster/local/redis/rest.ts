import { type Context, Hono } from "hono";
import { basePath } from "hono/route";
import type { CommandLine, Engine } from "./engine.ts";
import { RedisError, type Reply } from "./reply.ts";
import { commandOf, commandsOf, type Query } from "./request-command.ts";

const METHODS = new Set(["GET", "HEAD", "POST", "PUT"]);

/**
 * Upstash's REST protocol: a command as the path or as a JSON array, several at `/pipeline` and `/multi-exec`.
 * Source: https://upstash.com/docs/redis/features/restapi
 */
export function rest(engine: Engine, token: string): Hono {
  const app = new Hono();
  app.use(async (c, next) => {
    if (c.req.header("authorization") === `Bearer ${token}`) return next();
    return c.json({ error: "WRONGPASS invalid or missing auth token" }, 401);
  });
  app.all("/*", async (c) => {
    if (!METHODS.has(c.req.method)) return c.json({ error: "ERR method not allowed: use GET, HEAD, POST or PUT" }, 405);
    const path = segments(c);
    const body = c.req.method === "POST" || c.req.method === "PUT" ? await c.req.text() : "";
    if (path.length === 1 && path[0] === "pipeline") {
      return withCommands(c, commandsOf(body), async (commands) => answerEach(c, await engine.pipeline(commands)));
    }
    if (path.length === 1 && path[0] === "multi-exec") {
      return withCommands(c, commandsOf(body), async (commands) => answerAll(c, await engine.transaction(commands)));
    }
    const query: Query = Object.entries(c.req.query());
    const command = commandOf(path, body, query);
    return command instanceof RedisError ? answer(c, command) : answer(c, await engine.run(command));
  });
  app.onError((error, c) => c.json({ error: `ERR ${error.message}` }, 500));
  return app;
}

/** The path below wherever this is mounted. */
function segments(c: Context): string[] {
  const below = c.req.path.slice(basePath(c).replace(/\/$/, "").length);
  return below
    .split("/")
    .slice(1)
    .filter((part, i, all) => part !== "" || i < all.length - 1)
    .map(decode);
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

async function withCommands(
  c: Context,
  commands: CommandLine[] | RedisError,
  run: (commands: CommandLine[]) => Promise<Response>,
): Promise<Response> {
  return commands instanceof RedisError ? answer(c, commands) : run(commands);
}

function answer(c: Context, reply: Reply): Response {
  if (reply instanceof RedisError) return c.json({ error: reply.message }, 400);
  return c.json({ result: encoded(c, reply) });
}

function answerEach(c: Context, replies: Reply[]): Response {
  return c.json(
    replies.map((reply) => (reply instanceof RedisError ? { error: reply.message } : { result: encoded(c, reply) })),
  );
}

/** A transaction is refused as a whole, or every command in it has an answer. */
function answerAll(c: Context, reply: Reply): Response {
  return Array.isArray(reply) ? answerEach(c, reply) : answer(c, reply);
}

function encoded(c: Context, reply: Reply): unknown {
  if (c.req.header("upstash-encoding") !== "base64") return plain(reply);
  return reply === "OK" ? "OK" : base64(reply);
}

function base64(reply: Reply): unknown {
  if (Array.isArray(reply)) return reply.map(base64);
  return typeof reply === "string" ? Buffer.from(reply).toString("base64") : plain(reply);
}

function plain(reply: Reply): unknown {
  if (Array.isArray(reply)) return reply.map(plain);
  return reply instanceof RedisError ? reply.message : reply;
}
