import { expect, test } from "vitest";
import { messageLength, requestBytes } from "./request-bytes.ts";

const request = requestBytes(new URL("http://127.0.0.1:8000/v1/x"), { authorization: "Bearer ä" }, '{"a":"ü"}');

test("a request tells its length in bytes, and is found whole", () => {
  const text = request.toString("latin1");
  expect(text).toContain("POST /v1/x HTTP/1.1\r\nhost: 127.0.0.1:8000\r\n");
  expect(text).toContain("content-length: 10\r\n");
  expect(messageLength(text)).toBe(text.length);
  expect(messageLength(text + text)).toBe(text.length);
  expect(messageLength(text.slice(0, -1))).toBeUndefined();
  expect(messageLength("POST / HTTP/1.1\r\n")).toBeUndefined();
});

test("a chunked one ends with its last chunk", () => {
  const text = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n";
  expect(messageLength(`${text}POST`)).toBe(text.length);
  expect(messageLength(text.slice(0, -2))).toBeUndefined();
});
