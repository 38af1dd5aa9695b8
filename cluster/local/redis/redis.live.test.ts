/** The stand-in against Upstash's own client, set up as the edge does. */
import { Redis } from "@upstash/redis/cloudflare";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Served, serve } from "../http/serve.ts";
import { createRedis } from "./redis.ts";

let now = 0;
let served: Served;
let redis: Redis;
const standIn = createRedis({ token: "right", now: () => now });
const settings = { retry: false, enableTelemetry: false, enableAutoPipelining: false } as const;
const connect = (token: string) => new Redis({ url: served.url, token, ...settings });

beforeAll(async () => {
  served = await serve(standIn.app);
  redis = connect("right");
});
beforeEach(() => {
  now = 0;
});
afterAll(async () => {
  await served.close();
  await standIn.close();
});

test("answers a ping", async () => {
  expect(await redis.ping()).toBe("PONG");
});

test("a key exists once it is set, until it ends", async () => {
  const key = "delivery:é 🦞/1";
  expect(await redis.exists(key)).toBe(0);
  expect(await redis.set(key, 1, { ex: 60 })).toBe("OK");
  expect(await redis.exists(key)).toBe(1);
  now = 60_001;
  expect(await redis.exists(key)).toBe(0);
});

test("a command of another kind is the client's error", async () => {
  await expect(redis.get("a")).rejects.toThrow("ERR unknown command 'get'");
});

test("only with the token", async () => {
  await expect(connect("wrong").ping()).rejects.toThrow("WRONGPASS");
  expect((await fetch(served.url, { method: "POST", body: '["PING"]' })).status).toBe(401);
});

test.each(["{", "{}", "[]", "[1]", '["SET",{}]'])("%s is no command", async (body) => {
  const headers = { authorization: "Bearer right" };
  const response = await fetch(served.url, { method: "POST", headers, body });
  expect(response.status).toBe(400);
  expect(await response.json()).toEqual({ error: expect.stringContaining("failed to parse command") });
});
