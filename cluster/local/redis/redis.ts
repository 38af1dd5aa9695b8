import { type Context, Hono } from "hono";
import * as z from "zod";
import type { StandIn } from "../http/stand-in.ts";
import { type Reply, runCommand } from "./run-command.ts";

export interface RedisOptions {
  /** What clients must send as bearer. */
  token: string;
  /** Milliseconds since 1970. */
  now?: (() => number) | undefined;
}

const Command = z.tuple([z.string()], z.union([z.string(), z.number(), z.boolean()]).transform(String));

/**
 * Upstash Redis as this machine can run it: one command per request, a JSON array. Nothing outlives a restart, as
 * nothing in Redis needs to. Source: https://upstash.com/docs/redis/features/restapi
 */
export function createRedis({ token, now = Date.now }: RedisOptions): StandIn {
  const keys = new Map<string, number>();
  const app = new Hono();
  app.use(async (c, next) => {
    if (c.req.header("authorization") === `Bearer ${token}`) return next();
    return c.json({ error: "WRONGPASS invalid or missing auth token" }, 401);
  });
  app.post("/*", async (c) => {
    const command = Command.safeParse(await c.req.json().catch(() => undefined));
    if (!command.success) return c.json({ error: "ERR failed to parse command: a JSON array is needed" }, 400);
    return answer(c, runCommand(keys, command.data, now()));
  });
  return { app, close: async () => keys.clear() };
}

function answer(c: Context, reply: Reply): Response {
  if (typeof reply === "object") return c.json({ error: reply.error }, 400);
  return c.json({ result: c.req.header("upstash-encoding") === "base64" ? base64(reply) : reply });
}

/** A status is sent as it is, any other text in base64. */
const base64 = (reply: string | number): string | number =>
  typeof reply === "number" || reply === "OK" ? reply : Buffer.from(reply).toString("base64");
