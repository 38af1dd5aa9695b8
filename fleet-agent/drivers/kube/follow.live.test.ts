import type { ServerResponse } from "node:http";
import { afterEach, beforeEach, expect, it } from "vitest";
import { until } from "#tests/harness/until.ts";
import { type FakeApiServer, sendJson, sendStatus, startFakeApiServer } from "../../testing/fake-api-server.ts";
import { follow } from "./follow.ts";
import { connectKube, type KubeClient } from "./kube-client.ts";
import { ObjectView } from "./views.ts";

let server: FakeApiServer;
let client: KubeClient;
let stop: AbortController;
let following: Promise<void>;
let seen: string[][];
let watches: ServerResponse[];
beforeEach(async () => {
  server = await startFakeApiServer();
  client = await connectKube(server.config);
  stop = new AbortController();
  seen = [];
  watches = [];
});
afterEach(async () => {
  stop.abort();
  await following.catch(() => undefined);
  await client.close();
  await server.close();
});

const object = (name: string, resourceVersion: string) => ({ metadata: { name, uid: name, resourceVersion } });
const list = (version: string, ...names: string[]) => ({
  metadata: { resourceVersion: version },
  items: names.map((name) => object(name, version)),
});

/** Answers lists with these in turn (the last one again and again) and keeps watches open. */
function serve(...lists: object[]) {
  server.answer = (request, response) => {
    if (request.query.has("watch")) {
      response.writeHead(200);
      response.flushHeaders();
      watches.push(response);
    } else sendJson(response, 200, lists.length > 1 ? lists.shift() : lists[0]);
  };
}
function start() {
  const changed = (items: ReadonlyMap<string, ObjectView>) =>
    void seen.push([...items.values()].map(({ metadata }) => metadata.name));
  following = follow({
    client,
    path: "/api/v1/pods",
    labelSelector: "app=x",
    view: ObjectView,
    signal: stop.signal,
    changed,
  });
  return following;
}
const tell = (type: string, body: object) => watches.at(-1)?.write(`${JSON.stringify({ type, object: body })}\n`);
const watching = (count: number) => until(`watch ${count}`, () => watches.length >= count);
const now = (names: string[]) => until(`to see ${names}`, () => JSON.stringify(seen.at(-1)) === JSON.stringify(names));
const watchVersions = () =>
  server.requests.filter(({ query }) => query.has("watch")).map(({ query }) => query.get("resourceVersion"));

it("lists, then keeps up with what is added, changed and deleted", async () => {
  serve(list("5", "a"));
  start();
  await watching(1);
  tell("ADDED", object("b", "6"));
  await now(["a", "b"]);
  tell("DELETED", object("a", "7"));
  await now(["b"]);
  expect(server.requests[0]?.query.get("labelSelector")).toBe("app=x");
});

it("puts together what arrives in pieces", async () => {
  serve(list("5"));
  start();
  await watching(1);
  const line = `${JSON.stringify({ type: "ADDED", object: object("ü", "6") })}\n`;
  const bytes = Buffer.from(line);
  const middle = bytes.indexOf(0xc3) + 1;
  watches[0]?.write(bytes.subarray(0, middle), () => watches[0]?.write(bytes.subarray(middle)));
  await now(["ü"]);
});

it("goes on where it was when the server ends the watch, without listing again", async () => {
  serve(list("5", "a"));
  start();
  await watching(1);
  tell("BOOKMARK", object("", "9"));
  watches[0]?.end();
  await watching(2);
  expect(watchVersions()).toEqual(["5", "9"]);
  expect(seen).toEqual([["a"]]);
});

it("lists anew when the history is gone, and drops what vanished meanwhile", async () => {
  serve(list("5", "a", "b"), list("20", "b"));
  start();
  await watching(1);
  tell("ERROR", { code: 410, reason: "Expired", message: "too old" });
  await watching(2);
  expect(seen).toEqual([["a", "b"], ["b"]]);
  expect(watchVersions()).toEqual(["5", "20"]);
});

it("survives failures and resets, but asks at a measured pace", async () => {
  serve(list("5", "a"));
  const well = server.answer;
  server.answer = (request, response) => {
    if (server.requests.length === 1) sendStatus(response, 500);
    else if (server.requests.length === 2) throw new Error("reset");
    else well(request, response);
  };
  const since = performance.now();
  start();
  await watching(1);
  expect(seen).toEqual([["a"]]);
  expect(performance.now() - since).toBeGreaterThan(200);
});

it("goes on after a watch that was cut off in the middle of a line", async () => {
  serve(list("5", "a"));
  start();
  await watching(1);
  watches[0]?.end('{"type":"ADDED","obj');
  await watching(2);
  tell("ADDED", object("b", "6"));
  await now(["a", "b"]);
});

it("throws what waiting can't mend", async () => {
  server.answer = (_request, response) => sendStatus(response, 403, "no right to watch");
  await expect(start()).rejects.toThrow("no right to watch");
});
