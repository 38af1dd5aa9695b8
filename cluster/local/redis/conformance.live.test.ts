import fc from "fast-check";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import type { CommandLine, Engine } from "./engine.ts";
import { redisEngine } from "./resp/redis-engine.ts";
import { storeEngine } from "./store-engine.ts";
import { commandLines } from "./testing/command-lines.ts";
import { comparable } from "./testing/comparable.ts";

const redisUrl = process.env.TEST_REDIS_URL;
const reason = redisUrl ? "" : " (skipped: TEST_REDIS_URL isn't set)";

describe.skipIf(!redisUrl)(`the store answers as a real Redis does${reason}`, () => {
  // A database of its own: it is emptied again and again.
  const redis = redisEngine(new URL("/9", redisUrl ?? "redis://localhost").toString());
  const fresh = async (): Promise<Engine> => {
    await redis.run(["FLUSHDB"]);
    return storeEngine(Date.now);
  };
  afterAll(() => redis.close());

  async function expectSame(store: Engine, commands: CommandLine[]): Promise<void> {
    const [ours, theirs] = [await store.pipeline(commands), await redis.pipeline(commands)];
    const shown = (replies: typeof ours) => commands.map((line, i) => [line.join(" "), comparable(line, replies[i])]);
    expect(shown(ours)).toEqual(shown(theirs));
  }

  test("whatever commands come", async () => {
    const runs = fc.asyncProperty(commandLines, async (commands) => expectSame(await fresh(), commands));
    await fc.assert(runs, { numRuns: 500 });
  });

  test("transactions, run or refused", async () => {
    const runs = fc.asyncProperty(commandLines, async (commands) => {
      const store = await fresh();
      const replies = [await store.transaction(commands), await redis.transaction(commands)];
      const [ours, theirs] = replies.map((reply) =>
        Array.isArray(reply) ? commands.map((line, i) => comparable(line, reply[i])) : String(reply),
      );
      expect(ours).toEqual(theirs);
    });
    await fc.assert(runs, { numRuns: 100 });
  });

  describe("corners that chance seldom finds", () => {
    let store: Engine;
    beforeEach(async () => {
      store = await fresh();
    });

    test.each<[string, string[]]>([
      ["a time survives what only changes the value", ["SET a 1 EX 100", "INCR a", "TTL a", "APPEND a x", "TTL a"]],
      ["and ends with what replaces it", ["SET a 1 EX 100", "SET a 2", "TTL a", "SET b 1 EX 100", "MSET b 2", "TTL b"]],
      ["KEEPTTL keeps it", ["SET a 1 EX 100", "SET a 2 KEEPTTL", "TTL a", "SET a 3 EX 5 KEEPTTL"]],
      ["NX with GET", ["SET a 1 NX GET", "SET a 2 NX GET", "GET a", "LPUSH l 1", "SET l 2 NX GET", "SET l 2 GET"]],
      ["options that exclude each other", ["SET a 1 NX XX", "SET a 1 EX 1 PX 1", "SET a 1 EX", "GETEX a EX 1 PERSIST"]],
      [
        "times that can't be",
        ["SET a 1 EX 0", "SET a 1 EX -1", "SETEX a 0 1", "GETEX a EX 0", "EXPIRE a 9223372036854775807"],
      ],
      ["a time in the past deletes", ["SET a 1", "EXPIREAT a 1", "EXISTS a", "SET b 1 PXAT 1", "GET b", "TTL b"]],
      [
        "counters at the edge",
        ["SET a 9223372036854775806", "INCR a", "INCR a", "GET a", "DECRBY a -9223372036854775808"],
      ],
      [
        "the last member takes the key along",
        ["HSET h f 1", "HDEL h f", "EXISTS h", "RPUSH l 1", "LPOP l 5", "TYPE l"],
      ],
      ["a wrong type everywhere", ["SET a 1", "HGET a f", "SADD a x", "LPUSH a x", "ZADD a 1 x", "INCR a", "MGET a h"]],
      [
        "equal scores go by bytes",
        ["ZADD z 1 b 1 a 1 é 1 Z", "ZRANGE z 0 -1", "ZRANGE z (1 +inf BYSCORE", "ZRANGE z + - BYSCORE"],
      ],
      [
        "wrong words",
        ["EXPIRE a 1 SOON", "EXPIRE a 1 NX GT", "ZRANGE z 0 1 LIMIT 0 1", "FLUSHDB NOW", "PING a b", "SET a"],
      ],
    ])("%s", async (_name, lines) => {
      await expectSame(
        store,
        lines.map((line) => line.split(" ")),
      );
    });
  });
});
