import { describe, expect, test } from "vitest";
import { RedisError } from "./reply.ts";
import { storeEngine } from "./store-engine.ts";

function clocked() {
  let time = 1_000_000;
  const engine = storeEngine(() => time);
  return {
    advance: (ms: number) => {
      time += ms;
    },
    run: (line: string) => engine.run(line.split(" ")),
    engine,
  };
}

describe("time", () => {
  test("a key ends after its time, and its name is free again", async () => {
    const { run, advance } = clocked();
    await run("SET once 1 NX PX 1000");
    advance(1000);
    expect(await run("SET once 2 NX")).toBeNull();
    expect(await run("PTTL once")).toBe(0);
    advance(1);
    expect(await run("EXISTS once")).toBe(0);
    expect(await run("TTL once")).toBe(-2);
    expect(await run("SET once 2 NX")).toBe("OK");
    expect(await run("TTL once")).toBe(-1);
  });

  test("what has ended is nowhere to be seen", async () => {
    const { run, advance } = clocked();
    for (const line of ["SET a 1 EX 1", "HSET h f 1", "EXPIRE h 1", "RPUSH l x", "PEXPIREAT l 1000500"])
      await run(line);
    expect(await run("DBSIZE")).toBe(3);
    advance(1001);
    expect(await run("KEYS *")).toEqual([]);
    expect(await run("SCAN 0 MATCH *")).toEqual(["0", []]);
    expect(await run("INCR a")).toBe(1);
    expect(await run("TTL a")).toBe(-1);
    expect(await run("TYPE h")).toBe("none");
    expect(await run("RPUSH l y")).toBe(1);
  });

  test("TTL rounds to the nearest second, PTTL doesn't", async () => {
    const { run, advance } = clocked();
    await run("SET a 1 PX 2499");
    expect(await run("TTL a")).toBe(2);
    advance(2000);
    expect([await run("TTL a"), await run("PTTL a")]).toEqual([0, 499]);
    await run("GETEX a PERSIST");
    expect(await run("TTL a")).toBe(-1);
  });
});

describe("SCAN", () => {
  test("filters by pattern and type", async () => {
    const { run } = clocked();
    for (const line of ["SET code:1 x", "SET code:2 x", "SADD code:3 x", "SET other 1"]) await run(line);
    expect(await run("SCAN 0 MATCH code:* TYPE string COUNT 1")).toEqual(["0", ["code:1", "code:2"]]);
    expect(await run("SCAN x")).toEqual(new RedisError("ERR invalid cursor"));
    expect(await run("SCAN 0 MATCH")).toEqual(new RedisError("ERR syntax error"));
  });
});

describe("MULTI", () => {
  test("runs all, errors at run time included", async () => {
    const { engine } = clocked();
    const reply = await engine.transaction([
      ["SET", "a", "x"],
      ["INCR", "a"],
      ["GET", "a"],
    ]);
    expect(reply).toEqual(["OK", new RedisError("ERR value is not an integer or out of range"), "x"]);
  });

  test("runs nothing when a command can't be queued", async () => {
    const { engine, run } = clocked();
    const reply = await engine.transaction([["SET", "a", "x"], ["NOPE"]]);
    expect(String(reply)).toContain("EXECABORT");
    expect(await run("EXISTS a")).toBe(0);
  });
});

test("a command that isn't known is told in Redis' words, cut short", async () => {
  const { engine } = clocked();
  expect(await engine.run(["EVAL", "return 1", "0"])).toEqual(
    new RedisError("ERR unknown command 'EVAL', with args beginning with: 'return 1' '0' "),
  );
  const long = await engine.run(["nope", "v".repeat(5000)]);
  expect(String(long).length).toBeLessThan(300);
  expect(String(await engine.run(["constructor"]))).toContain("unknown command");
});
