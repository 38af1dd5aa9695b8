import fc from "fast-check";
import { expect, test } from "vitest";
import { RedisError, type Reply } from "../reply.ts";
import { encodeCommand } from "./encode.ts";
import { ReplyReader } from "./reply-reader.ts";

const STREAM = Buffer.from(
  "+OK\r\n-ERR no\r\n:-7\r\n$5\r\né\r\nx\r\n$0\r\n\r\n$-1\r\n*-1\r\n*3\r\n:1\r\n*1\r\n$1\r\na\r\n$-1\r\n*0\r\n",
);
const REPLIES: Reply[] = ["OK", new RedisError("ERR no"), -7, "é\r\nx", "", null, null, [1, ["a"], null], []];

test("reads the same replies however the stream is cut", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: STREAM.length - 1 })), (cuts) => {
      const reader = new ReplyReader();
      const points = [0, ...cuts.toSorted((a, b) => a - b), STREAM.length];
      expect(points.slice(1).flatMap((end, i) => reader.push(STREAM.subarray(points[i], end)))).toEqual(REPLIES);
    }),
  );
});

test("says so when the other side isn't Redis", () => {
  expect(() => new ReplyReader().push(Buffer.from("HTTP/1.1 400 Bad Request\r\n"))).toThrow("is this a Redis server");
});

test("commands are counted in bytes", () => {
  expect(encodeCommand(["SET", "é", ""])).toBe("*3\r\n$3\r\nSET\r\n$2\r\né\r\n$0\r\n\r\n");
});
