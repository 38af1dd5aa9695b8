/** A job that hangs at a step is ended for a newer one: within seconds, and nothing of it is on its way any more. */
import type { ServerResponse } from "node:http";
import { afterEach, beforeEach, expect, it } from "vitest";
import { until } from "#tests/harness/until.ts";
import { JobStopped, Lease } from "../../lease.ts";
import { createLog } from "../../log.ts";
import { type FakeApiServer, sendJson, startFakeApiServer } from "../../testing/fake-api-server.ts";
import { sampleBox } from "../../testing/sample-box.ts";
import { SETTINGS } from "../../testing/sample-cluster.ts";
import type { Driver } from "../driver.ts";
import { openKubeDriver } from "./kube-driver.ts";

const LIMIT_MS = 5_000;
type Request = FakeApiServer["requests"][number];

let server: FakeApiServer;
let driver: Driver;
let lease: Lease;
beforeEach(async () => {
  server = await startFakeApiServer();
  server.answer = answer;
  driver = await openKubeDriver({ settings: SETTINGS, log: createLog("silent"), access: server.config });
  lease = new Lease();
  lease.renew(performance.now());
});
afterEach(async () => {
  lease.end();
  await driver.stop();
  await server.close();
});

const metadata = { uid: "u1", resourceVersion: "1", name: "x", namespace: "x" };

/** A cluster that takes whatever is written, and whose pods never come. */
function answer({ method, query }: Request, response: ServerResponse): void {
  if (query.get("watch") === "1") {
    response.writeHead(200).flushHeaders();
    return;
  }
  if (method === "GET") sendJson(response, 200, { metadata: { resourceVersion: "1" }, items: [] });
  else sendJson(response, 201, { metadata });
}

const STEPS: Record<string, (request: Request) => boolean> = {
  "the namespace is written": ({ method, path }) => method === "PATCH" && /\/namespaces\/[^/]+$/.test(path),
  "the Secret is written": ({ method, path }) => method === "POST" && path.endsWith("/secrets"),
  "the volume is written": ({ method, path }) => method === "PATCH" && path.includes("/persistentvolumeclaims/"),
  "the network policy is written": ({ method, path }) => method === "PATCH" && path.includes("/networkpolicies/"),
  "the Deployment is written": ({ method, path }) => method === "PATCH" && path.includes("/deployments/"),
  "the pod is waited for": ({ method, path }) => method === "GET" && /\/customer-[^/]+\/pods$/.test(path),
};

it.each(Object.entries(STEPS))("while %s", { timeout: 20_000 }, async (_name, isStep) => {
  let hung = 0;
  const open = new Set<ServerResponse>();
  server.answer = (request, response) => {
    if (!isStep(request)) return answer(request, response);
    hung += 1;
    open.add(response);
    response.once("close", () => open.delete(response));
  };
  const job = driver
    .reconcile(sampleBox(), lease, async () => undefined)
    .then(
      () => undefined,
      (error: unknown) => error,
    );
  await until("the job to hang", () => hung > 0);
  const since = performance.now();
  lease.stop();
  expect(await job).toBeInstanceOf(JobStopped);
  expect(performance.now() - since).toBeLessThan(LIMIT_MS);
  await until("its requests to be closed", () => open.size === 0);
  expect(hung).toBe(1);
});

it("and a write that is answered meanwhile counts: it is over before the job is", async () => {
  const written = Promise.withResolvers<ServerResponse>();
  server.answer = (request, response) => {
    if (STEPS["the Deployment is written"]?.(request)) written.resolve(response);
    else answer(request, response);
  };
  let ended = false;
  const job = driver
    .reconcile(sampleBox(), lease, async () => undefined)
    .catch((error: unknown) => error)
    .finally(() => {
      ended = true;
    });
  const response = await written.promise;
  lease.stop();
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(ended).toBe(false);
  sendJson(response, 200, { metadata });
  expect(await job).toBeInstanceOf(JobStopped);
});
