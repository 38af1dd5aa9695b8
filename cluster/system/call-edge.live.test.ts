import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { afterEach, expect, test } from "vitest";
import { callEdge, type Edge, EdgeError, TooLarge, Unreachable } from "./call-edge.ts";
import { type Listening, listen } from "./listen.ts";

let listening: Listening | undefined;
afterEach(() => listening?.close());

async function edgeThat(
  answer: (response: ServerResponse, attempt: number, request: IncomingMessage) => void,
  more: Partial<Edge> = {},
) {
  const asked = { times: 0 };
  listening = await listen(
    createServer((request, response) => {
      request.resume();
      asked.times += 1;
      answer(response, asked.times, request);
    }),
    0,
    "127.0.0.1",
  );
  const retries = { attempts: 3, floorMs: 1, capMs: 2 };
  const edge: Edge = {
    url: listening.url,
    authorize: () => "key",
    timeoutMs: 5_000,
    retries,
    ...more,
  };
  return { edge, asked };
}

test("an answer that breaks off is asked for again", async () => {
  const { edge, asked } = await edgeThat((response, attempt) => {
    if (attempt > 1) return response.end("whole");
    response.writeHead(200, { "content-length": "9" }).write("half");
    setTimeout(() => response.destroy(), 20);
  });
  expect((await callEdge(edge, { path: "/" })).toString()).toBe("whole");
  expect(asked.times).toBe(2);
});

test("one that is larger than it can be is not, nor read to its end", async () => {
  const { edge, asked } = await edgeThat((response) => response.end(Buffer.alloc(1_000_000)));
  await expect(callEdge(edge, { path: "/", mostBytes: 1_000 })).rejects.toBeInstanceOf(TooLarge);
  expect(asked.times).toBe(1);
});

test("what is no problem of the edge's has its status and no code", async () => {
  const { edge, asked } = await edgeThat((response) => response.writeHead(403).end("<html>"));
  const refused = callEdge(edge, { path: "/box?fence=1" });
  await expect(refused).rejects.toBeInstanceOf(EdgeError);
  await expect(refused).rejects.toMatchObject({
    status: 403,
    code: "unknown",
    message: "the edge answered 403 unknown to /box",
  });
  expect(asked.times).toBe(1);
});

test("no answer in time is tried as often as it may be, and then none", async () => {
  const { edge, asked } = await edgeThat(() => {}, { timeoutMs: 30 });
  await expect(callEdge(edge, { path: "/" })).rejects.toBeInstanceOf(Unreachable);
  expect(asked.times).toBe(3);
});

test("a signal ends it with its own reason", async () => {
  const stop = new AbortController();
  const { edge, asked } = await edgeThat(() => stop.abort(new Error("enough")), { signal: stop.signal });
  await expect(callEdge(edge, { path: "/" })).rejects.toThrow("enough");
  expect(asked.times).toBe(1);
});

test("what is sent has the key, and its type where it is JSON", async () => {
  const seen: unknown[] = [];
  const { edge } = await edgeThat((response, _, { method, headers }) => {
    seen.push([method, headers.authorization, headers["content-type"]]);
    response.end();
  });
  await callEdge(edge, { path: "/", json: {} });
  await callEdge(edge, { path: "/", method: "PUT", body: new Uint8Array(3), headers: { "content-type": "a/b" } });
  expect(seen).toEqual([
    ["POST", "Bearer key", "application/json"],
    ["PUT", "Bearer key", "a/b"],
  ]);
});
