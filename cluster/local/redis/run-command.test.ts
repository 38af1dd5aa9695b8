import { expect, test } from "vitest";
import { runCommand } from "./run-command.ts";

test("a key is there until its seconds are over, and a later SET replaces them", () => {
  const keys = new Map<string, number>();
  const run = (now: number, name: string, ...args: string[]) => runCommand(keys, [name, ...args], now);
  expect(run(0, "set", "a", "1", "ex", "10")).toBe("OK");
  expect(run(10_000, "EXISTS", "a")).toBe(1);
  expect(run(10_001, "EXISTS", "a")).toBe(0);
  run(0, "SET", "b", "1", "EX", "10");
  run(9_000, "SET", "b", "2", "EX", "10");
  expect(run(19_000, "exists", "a", "b", "b")).toBe(2);
});

test("what has ended is let go of", () => {
  const keys = new Map<string, number>();
  for (let at = 0; at < 100; at++) runCommand(keys, ["SET", `${at}`, "", "EX", "10"], at * 1_000);
  expect(keys.size).toBe(11);
});

test.each([
  [["GET", "a"], "ERR unknown command 'GET'"],
  [["constructor"], "ERR unknown command 'constructor'"],
  [["PING", "a"], "ERR wrong number of arguments for 'ping' command"],
  [["EXISTS"], "ERR wrong number of arguments for 'exists' command"],
  [["SET", "a"], "ERR wrong number of arguments for 'set' command"],
  [["SET", "a", "1"], "ERR syntax error"],
  [["SET", "a", "1", "PX", "10"], "ERR syntax error"],
  [["SET", "a", "1", "EX", "10", "NX"], "ERR syntax error"],
  [["SET", "a", "1", "EX", "0"], "ERR invalid expire time in 'set' command"],
  [["SET", "a", "1", "EX", "1.5"], "ERR invalid expire time in 'set' command"],
])("%j is refused", ([name = "", ...args], error) => {
  const keys = new Map<string, number>();
  expect(runCommand(keys, [name, ...args], 0)).toEqual({ error });
  expect(keys.size).toBe(0);
});
