import { randomUUID } from "node:crypto";
import { Redis } from "@upstash/redis";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mount } from "../http/mount.ts";
import { type Served, serve } from "../http/serve.ts";
import { createRedis } from "./redis.ts";

const redisUrl = process.env.TEST_REDIS_URL;
const reason = redisUrl ? "" : " (skipped: TEST_REDIS_URL isn't set)";
const backends = [
  { name: "the store in this process", url: undefined, missing: false },
  { name: `a real Redis${reason}`, url: redisUrl, missing: !redisUrl },
];

for (const { name, url, missing } of backends) {
  describe.skipIf(missing)(`Upstash's own client over ${name}`, () => {
    let served: Served;
    let redis: Redis;
    const standIn = mount({ redis: createRedis({ token: "right", redisUrl: url }) });

    beforeAll(async () => {
      served = await serve(standIn.app);
      redis = new Redis({ url: `${served.url}/redis`, token: "right" });
    });
    afterAll(async () => {
      await served.close();
      await standIn.close();
    });

    const newKey = () => `test:${randomUUID()}`;
    const request = (path: string, init: RequestInit = {}) =>
      fetch(`${served.url}/redis${path}`, { ...init, headers: { authorization: "Bearer right", ...init.headers } });

    test("values keep their type through JSON and base64", async () => {
      const key = newKey();
      for (const value of ["text é 🦞", "OK", { a: [1, null] }, 42, ["x", "y"], ""]) {
        expect(await redis.set(key, value)).toBe("OK");
        expect(await redis.get(key)).toEqual(value);
      }
      expect(await redis.get(newKey())).toBeNull();
    });

    test("a lock is had once", async () => {
      const key = newKey();
      const tries = await Promise.all(Array.from({ length: 8 }, (_, i) => redis.set(key, i, { nx: true, ex: 60 })));
      expect(tries.filter((reply) => reply === "OK")).toHaveLength(1);
      expect(await redis.ttl(key)).toBe(60);
      expect(await redis.getdel(key)).not.toBeNull();
      expect(await redis.exists(key)).toBe(0);
    });

    test("collections have the client's shapes", async () => {
      const [hash, set, list, sorted] = [newKey(), newKey(), newKey(), newKey()];
      expect(await redis.hset(hash, { a: 1, b: "OK", c: { d: true } })).toBe(3);
      expect(await redis.hgetall(hash)).toEqual({ a: 1, b: "OK", c: { d: true } });
      expect(await redis.hincrby(hash, "a", 4)).toBe(5);
      expect(await redis.sadd(set, "x", "y")).toBe(2);
      expect((await redis.smembers(set)).toSorted()).toEqual(["x", "y"]);
      await redis.rpush(list, 1, 2, 3);
      expect(await redis.lrange(list, 0, -2)).toEqual([1, 2]);
      await redis.zadd(sorted, { score: 2, member: "b" }, { score: 1.5, member: "a" });
      expect(await redis.zrange(sorted, 0, -1, { withScores: true })).toEqual(["a", 1.5, "b", 2]);
      expect(await redis.zrange(sorted, "-inf", 1.5, { byScore: true })).toEqual(["a"]);
    });

    test("scan finds what is there", async () => {
      const prefix = newKey();
      await redis.mset({ [`${prefix}:1`]: 1, [`${prefix}:2`]: 2 });
      const found: string[] = [];
      let cursor = "0";
      do {
        const [next, keys] = await redis.scan(cursor, { match: `${prefix}:*`, count: 1000 });
        found.push(...keys);
        cursor = next;
      } while (cursor !== "0");
      expect(found.toSorted()).toEqual([`${prefix}:1`, `${prefix}:2`]);
    });

    test("a pipeline answers each, a transaction is all or nothing", async () => {
      const key = newKey();
      expect(await redis.pipeline().set(key, 1).incr(key).get(key).exec()).toEqual(["OK", 2, 2]);
      const mixed = await redis.multi().incr(key).lpush(key, "x").get(key).exec({ keepErrors: true });
      expect(mixed.map(({ result, error }) => result ?? error)).toEqual([
        3,
        "WRONGTYPE Operation against a key holding the wrong kind of value",
        3,
      ]);
      const refused = await request("/multi-exec", { method: "POST", body: JSON.stringify([["INCR", key], ["GET"]]) });
      expect(refused.status).toBe(400);
      expect(await refused.json()).toEqual({ error: "EXECABORT Transaction discarded because of previous errors." });
      expect(await redis.get(key)).toBe(3);
    });

    test("transactions don't mix", async () => {
      const key = newKey();
      const bump = () => redis.multi().incr(key).incr(key).exec<[number, number]>();
      const results = await Promise.all(Array.from({ length: 20 }, bump));
      expect(results.every(([first, second]) => second === first + 1)).toBe(true);
      expect(await redis.get(key)).toBe(40);
    });

    test("errors come in Redis' own words", async () => {
      const key = newKey();
      await redis.set(key, "text");
      await expect(redis.incr(key)).rejects.toThrow("ERR value is not an integer or out of range");
      await expect(redis.hget(key, "f")).rejects.toThrow("WRONGTYPE");
      expect(await (await request("/get")).json()).toEqual({
        error: "ERR wrong number of arguments for 'get' command",
      });
    });

    test("a command as a path", async () => {
      const key = `a/b ${newKey()}`;
      const path = `/set/${encodeURIComponent(key)}`;
      expect(await (await request(`${path}?EX=50`, { method: "POST", body: "the/value" })).json()).toEqual({
        result: "OK",
      });
      const headers = { "upstash-encoding": "base64" };
      const got = await request(`/get/${encodeURIComponent(key)}`, { headers });
      expect(await got.json()).toEqual({ result: btoa("the/value") });
      expect(await redis.ttl(key)).toBe(50);
    });

    test("only with the token", async () => {
      for (const authorization of ["Bearer wrong", "right", ""]) {
        const answer = await request("/ping", { headers: { authorization } });
        expect(answer.status).toBe(401);
        expect(await answer.json()).toEqual({ error: expect.stringContaining("WRONGPASS") });
      }
      expect((await request("/ping", { method: "DELETE" })).status).toBe(405);
      expect((await request("/", { method: "POST", body: "{" })).status).toBe(400);
    });
  });
}
