import { expect, test } from "vitest";
import { redisAddress } from "./connection.ts";

test.each([
  ["redis://localhost", { host: "localhost", port: 6379, tls: false, hello: [] }],
  ["rediss://[::1]:7000/2", { host: "::1", port: 7000, tls: true, hello: [["SELECT", "2"]] }],
  ["redis://:p%40ss@cache:6380", { host: "cache", port: 6380, tls: false, hello: [["AUTH", "p@ss"]] }],
  [
    "redis://ada:secret@cache/0",
    {
      host: "cache",
      port: 6379,
      tls: false,
      hello: [
        ["AUTH", "ada", "secret"],
        ["SELECT", "0"],
      ],
    },
  ],
])("%s", (url, expected) => {
  expect(redisAddress(url)).toEqual(expected);
});

test.each(["http://cache", "cache:6379", ""])("refuses %j without repeating it", (url) => {
  expect(() => redisAddress(url)).toThrow(/^the Redis URL must look like/);
});
