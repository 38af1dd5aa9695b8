import { expect, test, vi } from "vitest";
import { Idempotency } from "./idempotency.ts";

const HOUR = 60 * 60 * 1000;

function clocked() {
  let time = 0;
  const idempotency = new Idempotency(() => time);
  let sent = 0;
  const send = vi.fn(() => ++sent);
  const wait = (ms: number) => {
    time += ms;
  };
  return { idempotency, send, wait };
}

test("sends once per key for 24 hours", () => {
  const { idempotency, send, wait } = clocked();
  expect(idempotency.once("key", "payload", send)).toBe(1);
  wait(24 * HOUR - 1);
  expect(idempotency.once("key", "payload", send)).toBe(1);
  wait(1);
  expect(idempotency.once("key", "payload", send)).toBe(2);
  expect(idempotency.once("other", "payload", send)).toBe(3);
});

test("without a key, each request sends", () => {
  const { idempotency, send } = clocked();
  idempotency.once(undefined, "payload", send);
  idempotency.once(undefined, "payload", send);
  expect(send).toHaveBeenCalledTimes(2);
});

test("another payload under the same key is a conflict", () => {
  const { idempotency, send } = clocked();
  idempotency.once("key", "payload", send);
  expect(() => idempotency.once("key", "other", send)).toThrow(
    expect.objectContaining({ status: 409, code: "invalid_idempotent_request" }),
  );
  expect(send).toHaveBeenCalledTimes(1);
});

test("a failure is not remembered", () => {
  const { idempotency, send } = clocked();
  const fail = () => {
    throw new Error("no");
  };
  expect(() => idempotency.once("key", "payload", fail)).toThrow("no");
  expect(idempotency.once("key", "corrected", send)).toBe(1);
});

test.each(["", "k".repeat(257)])("a key has 1 to 256 characters", (key) => {
  const { idempotency, send } = clocked();
  expect(() => idempotency.once(key, "payload", send)).toThrow(expect.objectContaining({ status: 400 }));
});
