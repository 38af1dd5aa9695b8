import fc, { type Arbitrary } from "fast-check";
import { commandTable } from "../commands/table.ts";
import type { CommandLine } from "../engine.ts";

const key = fc.constantFrom("a", "b", "c");
const value = fc.constantFrom("", "0", "7", "-5", "01", " 1", "1.5", "abc", "é🦞", "9223372036854775807", "OK");
const member = fc.constantFrom("x", "y", "z", "é");
const score = fc.constantFrom("1", "2.5", "-3", "inf", "-inf", "2", "1e3", "nan", "x");
const index = fc.constantFrom("0", "1", "-1", "-2", "5", "x");
const amount = fc.constantFrom("1", "-3", "100", "9223372036854775807", "-9223372036854775808", "1.0", "x");
/** Far away, in the past, or wrong: never something that ends while a test runs. */
const time = fc.constantFrom("100000", "-1", "0", "9223372036854775807", "99999999999999", "x");
const word = (...words: string[]) => fc.constantFrom(...words);

/** A command with arguments of the right kinds. */
const line = (name: string, ...args: Arbitrary<string | string[]>[]): Arbitrary<CommandLine> =>
  fc.tuple(...args).map((parts) => [name, ...parts.flat()]);
const some = (arbitrary: Arbitrary<string>, maxLength = 3) => fc.array(arbitrary, { minLength: 1, maxLength });
const maybe = (...args: Arbitrary<string>[]): Arbitrary<string[]> =>
  fc.oneof(
    fc.constant<string[]>([]),
    fc.tuple(...args).map((parts) => [...parts]),
  );
const pairsOf = (first: Arbitrary<string>, second: Arbitrary<string>) =>
  fc.array(fc.tuple(first, second), { minLength: 1, maxLength: 3 }).map((list) => list.flat());

const plausible = fc.oneof(
  line(
    "SET",
    key,
    value,
    maybe(word("NX", "xx")),
    maybe(word("EX", "PX", "PXAT"), time),
    maybe(word("GET", "KEEPTTL")),
  ),
  line("GET", key),
  line("GETDEL", key),
  line("GETEX", key, maybe(word("EX", "PX", "EXAT"), time), maybe(word("PERSIST"))),
  line("SETNX", key, value),
  line("SETEX", key, time, value),
  line("MGET", some(key)),
  line("MSET", pairsOf(key, value)),
  line("APPEND", key, value),
  line("STRLEN", key),
  line("INCR", key),
  line("DECR", key),
  line("INCRBY", key, amount),
  line("DECRBY", key, amount),
  fc.oneof(line("EXPIRE", key, time, maybe(word("NX", "XX", "GT", "LT"))), line("PEXPIRE", key, time)),
  fc.oneof(line("TTL", key), line("PERSIST", key), line("TYPE", key)),
  fc.oneof(line("DEL", some(key)), line("EXISTS", some(key))),
  line("KEYS", word("*", "?", "[ab]", "[^a]", "[a-b]*", "\\a", "nothing*")),
  line("HSET", key, pairsOf(member, value)),
  fc.oneof(line("HGET", key, member), line("HMGET", key, some(member)), line("HGETALL", key), line("HLEN", key)),
  line("HDEL", key, some(member)),
  line("HINCRBY", key, member, amount),
  line("SADD", key, some(member)),
  line("SREM", key, some(member)),
  fc.oneof(line("SISMEMBER", key, member), line("SMEMBERS", key), line("SCARD", key)),
  fc.oneof(line("LPUSH", key, some(value)), line("RPUSH", key, some(value))),
  fc.oneof(line("LPOP", key, maybe(index)), line("RPOP", key, maybe(index))),
  fc.oneof(line("LRANGE", key, index, index), line("LLEN", key)),
  line("ZADD", key, maybe(word("NX", "XX", "GT")), maybe(word("CH", "LT")), pairsOf(score, member)),
  line("ZRANGE", key, index, index, maybe(word("REV")), maybe(word("WITHSCORES"))),
  line("ZRANGE", key, score, score, word("BYSCORE"), maybe(word("LIMIT"), index, index), maybe(word("WITHSCORES"))),
  fc.oneof(line("ZREM", key, some(member)), line("ZSCORE", key, member), line("ZCARD", key)),
  line("ZINCRBY", key, score, member),
  fc.oneof(line("ZCOUNT", key, score, score), line("ZREMRANGEBYSCORE", key, score, score)),
);

/** SCAN's order, DBSIZE's count of keys that have ended, and ZINCRBY's reading ZADD's words are Redis' own affair. */
const comparable = Object.keys(commandTable).filter((name) => !["SCAN", "DBSIZE", "PTTL", "ZINCRBY"].includes(name));
const anything = fc.oneof(key, value, member, time, word("NX", "EX", "GET", "LIMIT", "BYSCORE", "CH", "(1", "ASYNC"));
const careless = fc
  .tuple(fc.constantFrom(...comparable, "NOPE", "get"), fc.array(anything, { maxLength: 5 }))
  .map(([name, args]) => [name, ...args]);

/** A list of commands as a program might send them, and now and then as it shouldn't. */
export const commandLines = fc.array(
  fc.oneof({ weight: 4, arbitrary: plausible }, { weight: 1, arbitrary: careless }),
  {
    minLength: 1,
    maxLength: 40,
  },
);
