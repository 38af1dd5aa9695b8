import { describe, expect, test } from "vitest";
import { RedisError } from "./reply.ts";
import { commandOf, commandsOf } from "./request-command.ts";

describe("commandOf", () => {
  test("the body alone", () => {
    expect(commandOf([], '["SET","key",1,true,"é"]', [])).toEqual(["SET", "key", "1", "true", "é"]);
  });

  test("the path, the body as value, the query as options", () => {
    expect(commandOf(["set", "key", "value"], "", [])).toEqual(["set", "key", "value"]);
    expect(
      commandOf(["set", "key"], "the value", [
        ["EX", "100"],
        ["NX", ""],
      ]),
    ).toEqual(["set", "key", "the value", "EX", "100", "NX"]);
  });

  test.each(["", "{", '"GET"', "[]", '["SET","key",null]', '["SET","key",{"a":1}]'])("refuses %s", (body) => {
    expect(commandOf([], body, [])).toBeInstanceOf(RedisError);
  });
});

describe("commandsOf", () => {
  test("a list of commands", () => {
    expect(commandsOf('[["GET","a"],["INCR","b"]]')).toEqual([
      ["GET", "a"],
      ["INCR", "b"],
    ]);
    expect(commandsOf("[]")).toEqual([]);
  });

  test.each(['["GET","a"]', '{"a":1}', '[["GET","a"],[]]', "nonsense"])("refuses %s", (body) => {
    expect(commandsOf(body)).toBeInstanceOf(RedisError);
  });
});
