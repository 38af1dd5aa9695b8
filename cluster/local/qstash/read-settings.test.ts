import { HTTPException } from "hono/http-exception";
import { describe, expect, test } from "vitest";
import { readSettings } from "./read-settings.ts";
import { settings } from "./testing/sample.ts";

const read = (headers: Record<string, string>) => readSettings(new Headers(headers));

test("without any header: POST, three retries, at once", () => {
  expect(read({})).toMatchObject({ method: "POST", retries: 3, delayMs: 0, notBefore: undefined, header: {} });
});

test("every setting", () => {
  expect(
    read({
      "Content-Type": "text/plain",
      "Upstash-Method": "put",
      "Upstash-Retries": "5",
      "Upstash-Retry-Delay": "1000*retried",
      "Upstash-Delay": "1d10h",
      "Upstash-Not-Before": "1800000000",
      "Upstash-Timeout": "30s",
      "Upstash-Label": "a, b",
      "Upstash-Forward-X-Thing": "1",
      "Upstash-Forward-Authorization": "Bearer x",
      "Upstash-Redact-Fields": "body,header[Authorization]",
      "Upstash-Flow-Control-Key": "k",
      "Upstash-Flow-Control-Value": "Parallelism=2, rate=10, period=1m",
      "X-Not-Forwarded": "1",
    }),
  ).toEqual({
    method: "PUT",
    header: { "Content-Type": ["text/plain"], "X-Thing": ["1"], Authorization: ["Bearer x"] },
    retries: 5,
    retryDelay: "1000*retried",
    delayMs: 122_400_000,
    notBefore: 1_800_000_000_000,
    timeoutMs: 30_000,
    labels: ["a", "b"],
    redact: ["body", "header[Authorization]"],
    flowControl: { key: "k", parallelism: 2, rate: 10, periodSeconds: 60 },
    callback: undefined,
    failureCallback: undefined,
  });
});

test("callbacks have settings of their own; their retries are the message's unless said otherwise", () => {
  const { callback, failureCallback } = read({
    "Content-Type": "text/plain",
    "Upstash-Retries": "1",
    "Upstash-Delay": "5s",
    "Upstash-Forward-X-Thing": "message",
    "Upstash-Callback": "https://a.example/callback",
    "Upstash-Callback-Method": "PUT",
    "Upstash-Callback-Retries": "4",
    "Upstash-Callback-Forward-X-Thing": "callback",
    "Upstash-Failure-Callback": "https://a.example/failure",
  });
  const json = { "Content-Type": ["application/json"] };
  expect(callback).toMatchObject({
    url: "https://a.example/callback",
    settings: { method: "PUT", retries: 4, delayMs: 0, header: { ...json, "X-Thing": ["callback"] } },
  });
  expect(failureCallback?.settings).toMatchObject({ method: "POST", retries: 1, header: json });
  expect(failureCallback?.settings.header).toEqual(json);
});

test("a dead message keeps its settings where the retry says nothing", () => {
  const old = settings({ retries: 5, header: { "X-A": ["1"] }, labels: ["old"] });
  expect(readSettings(new Headers({ "Upstash-Retries": "0" }), old)).toMatchObject({ ...old, retries: 0 });
});

test("a timeout only shortens", () => {
  expect(read({ "Upstash-Timeout": "30d" }).timeoutMs).toBe(read({}).timeoutMs);
});

function refusalOf(headers: Record<string, string>): Response {
  try {
    read(headers);
  } catch (error) {
    if (error instanceof HTTPException) return error.getResponse();
  }
  throw new Error("expected a refusal");
}

describe("what is refused, with QStash's status", () => {
  test.each([
    [400, { "Upstash-Method": "BREW" }],
    [400, { "Upstash-Retries": "-1" }],
    [400, { "Upstash-Retries": "1.5" }],
    [412, { "Upstash-Retries": "6" }],
    [400, { "Upstash-Delay": "5" }],
    [412, { "Upstash-Delay": "366d" }],
    [400, { "Upstash-Not-Before": "tomorrow" }],
    [400, { "Upstash-Timeout": "long" }],
    [400, { "Upstash-Retry-Delay": "eval(1)" }],
    [400, { "Upstash-Callback": "a.example" }],
    [400, { "Upstash-Flow-Control-Key": "k" }],
    [400, { "Upstash-Flow-Control-Key": "k", "Upstash-Flow-Control-Value": "rate=0" }],
    [400, { "Upstash-Flow-Control-Key": "k", "Upstash-Flow-Control-Value": "rate=1, period=8d" }],
  ])("%i for %j", async (status, headers) => {
    const response = refusalOf(headers as Record<string, string>);
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual({ error: expect.stringMatching(/\w/) });
  });
});
