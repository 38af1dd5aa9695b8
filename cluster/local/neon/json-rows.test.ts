import { expect, test } from "vitest";
import { toJson } from "./json-rows.ts";

test.each([
  ["null", null, 23, null],
  ["bool", "t", 16, true],
  ["int4", "42", 23, 42],
  ["int8 stays text", "9007199254740993", 20, "9007199254740993"],
  ["numeric stays text", "1.10", 1700, "1.10"],
  ["float8", "42.5", 701, 42.5],
  ["float8 that JSON can't say", "-Infinity", 701, "-Infinity"],
  ["jsonb", '{"a":[1,null]}', 3802, { a: [1, null] }],
  ["timestamptz", "2026-01-02 03:04:05+00", 1184, "2026-01-02 03:04:05+00"],
  ["bytea", "\\x0102", 17, "\\x0102"],
  ["int4[]", "{1,NULL,3}", 1007, [1, null, 3]],
  [
    "int4[][]",
    "{{1,2},{3,4}}",
    1007,
    [
      [1, 2],
      [3, 4],
    ],
  ],
  ["bool[]", "{t,f}", 1000, [true, false]],
  ["text[] with quotes", '{a,"b,\\"c","NULL",NULL}', 1009, ["a", 'b,"c', "NULL", null]],
  ["int8[] stays text inside", "{1,2}", 1016, ["1", "2"]],
  ["jsonb[]", '{"{\\"a\\":1}"}', 3807, [{ a: 1 }]],
  ["a type that isn't known", "(1,2)", 999999, "(1,2)"],
])("%s", (_name, text, type, expected) => {
  expect(toJson(text, type)).toEqual(expected);
});
