import type { ServerResponse } from "node:http";
import { afterEach, beforeEach, expect, it } from "vitest";
import { newId } from "#schema/domain/ids.ts";
import { until } from "#tests/harness/until.ts";
import { type FakeApiServer, sendJson, sendStatus, startFakeApiServer } from "../../testing/fake-api-server.ts";
import { READY } from "../../testing/sample-pods.ts";
import { connectKube, type KubeClient } from "./kube-client.ts";
import { observePods } from "./observe-pods.ts";

let server: FakeApiServer;
let client: KubeClient;
beforeEach(async () => {
  server = await startFakeApiServer();
  client = await connectKube(server.config);
});
afterEach(async () => {
  await client.close();
  await server.close();
});

it("says nothing of boxes while it may not watch, and goes on when it may again", async () => {
  const boxId = newId();
  const metadata = { name: "gateway", namespace: `customer-${boxId}`, uid: "1", resourceVersion: "1" };
  const pods = { metadata: { resourceVersion: "1" }, items: [{ metadata, status: READY }] };
  let allowed = true;
  let watch: ServerResponse | undefined;
  server.answer = ({ path, query }, response) => {
    if (path === "/api/v1/nodes") return sendStatus(response, 403, "no right to see nodes");
    if (!allowed) return sendStatus(response, 403, "no right to watch");
    if (!query.has("watch")) return sendJson(response, 200, pods);
    watch = response;
    response.writeHead(200).flushHeaders();
  };
  const stop = new AbortController();
  const failures: unknown[] = [];
  const observer = observePods({
    client,
    signal: stop.signal,
    failed: (error) => void (String(error).includes("nodes") || failures.push(error)),
    againMs: 5,
  });
  const healthy = [{ box_id: boxId, health: "healthy", code: null, reason: null, restarts: 0 }];
  await until("the watch", () => watch);
  expect(await observer.boxes()).toEqual(healthy);

  allowed = false;
  watch?.end();
  await until("two failures", () => failures.length >= 2);
  expect(await observer.boxes()).toEqual([]);

  allowed = true;
  await until("health again", async () => (await observer.boxes()).length === 1);
  expect(await observer.boxes()).toEqual(healthy);
  stop.abort();
  await observer.stopped;
});
