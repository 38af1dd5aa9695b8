import type { ServerResponse } from "node:http";
import { afterEach, beforeEach, expect, it } from "vitest";
import { until } from "#tests/harness/until.ts";
import { type FakeApiServer, sendJson, sendStatus, startFakeApiServer } from "../../testing/fake-api-server.ts";
import { sampleBox } from "../../testing/sample-box.ts";
import { SETTINGS, stored } from "../../testing/sample-cluster.ts";
import { KINDS } from "../cluster-view.ts";
import { allObjects, boxObjects } from "../desired/box-objects.ts";
import { connectKube, type KubeClient } from "./kube-client.ts";
import { watchBoxes } from "./watch-boxes.ts";

const box = sampleBox();
let server: FakeApiServer;
let client: KubeClient;
let stop: AbortController;
let watches: Map<string, ServerResponse>;
let failures: unknown[];
beforeEach(async () => {
  server = await startFakeApiServer();
  client = await connectKube(server.config);
  stop = new AbortController();
  watches = new Map();
  failures = [];
});
afterEach(async () => {
  stop.abort();
  await client.close();
  await server.close();
});

const PLURALS: Record<string, string> = {
  Namespace: "namespaces",
  Deployment: "deployments",
  NetworkPolicy: "networkpolicies",
  ResourceQuota: "resourcequotas",
  LimitRange: "limitranges",
  ServiceAccount: "serviceaccounts",
  PersistentVolumeClaim: "persistentvolumeclaims",
};
const objects = Object.fromEntries(
  allObjects(boxObjects(box, SETTINGS)).map((object) => [PLURALS[object.kind], stored(object)]),
);
const plural = (path: string) => path.split("/").at(-1) ?? "";

/** The whole cluster: one object of each kind, and a page more of namespaces. */
function serve() {
  server.answer = ({ path, query }, response) => {
    const kind = plural(path);
    if (query.has("watch")) {
      watches.set(kind, response);
      response.writeHead(200).flushHeaders();
    } else if (kind === "namespaces" && !query.get("continue")) {
      sendJson(response, 200, { metadata: { resourceVersion: "5", continue: "more" }, items: [] });
    } else sendJson(response, 200, { metadata: { resourceVersion: "5" }, items: [objects[kind]] });
  };
}
const open = () => {
  const view = watchBoxes({ client, signal: stop.signal, failed: (error) => failures.push(error), againMs: 5 });
  const changed: string[] = [];
  view.onChange((boxId) => changed.push(boxId));
  return { view, changed };
};
const tell = (kind: string, type: string, object: unknown) =>
  watches.get(kind)?.write(`${JSON.stringify({ type, object })}\n`);

it("sees every kind, page by page, and tells whose object has changed or gone", async () => {
  serve();
  const { view, changed } = open();
  await until("all of it", () => view.isWhole() && watches.size === KINDS.length);
  expect([...view.boxIds()]).toEqual([box.box_id]);
  expect(view.object("Deployment", box.box_id)).toMatchObject({ generation: 3, ending: false });
  changed.length = 0;

  tell("networkpolicies", "DELETED", objects.networkpolicies);
  await until("the change", () => changed.length > 0);
  expect(changed).toEqual([box.box_id]);
  expect(view.object("NetworkPolicy", box.box_id)).toBeUndefined();
});

it("sees what somebody has put beside a box's objects, and not what is elsewhere or Kubernetes' own", async () => {
  serve();
  const { view, changed } = open();
  await until("all of it", () => view.isWhole() && watches.size === KINDS.length);
  const policy = structuredClone(objects.networkpolicies) as { metadata: Record<string, unknown> };
  const metadata = { ...policy.metadata, name: "open", uid: "foreign", labels: {} };
  changed.length = 0;
  tell("networkpolicies", "ADDED", { ...policy, metadata: { ...metadata, uid: "elsewhere", namespace: "default" } });
  tell("networkpolicies", "ADDED", { ...policy, metadata });
  await until("the foreign one", () => view.foreign(box.box_id).length > 0);
  expect(view.foreign(box.box_id)).toEqual(["NetworkPolicy open"]);
  expect(changed).toEqual([box.box_id]);
  expect(view.object("NetworkPolicy", box.box_id)).toMatchObject({ generation: 3 });
  tell("networkpolicies", "DELETED", { ...policy, metadata });
  await until("it to be gone", () => view.foreign(box.box_id).length === 0);

  const selectors = (kind: string) =>
    server.requests.find(({ path }) => plural(path) === kind)?.query.get("labelSelector") ?? null;
  expect(selectors("networkpolicies")).toBeNull();
  expect(selectors("namespaces")).toBe("app.kubernetes.io/managed-by=fleet-agent");
  const accounts = server.requests.find(({ path }) => plural(path) === "serviceaccounts");
  expect(accounts?.query.get("fieldSelector")).toBe("metadata.name!=default");
});

it("asks for no Secret", async () => {
  serve();
  const { view } = open();
  await until("all of it", () => view.isWhole() && watches.size === KINDS.length);
  expect(server.requests.filter(({ path }) => path.includes("secrets"))).toEqual([]);
});

it("knows that it doesn't see everything, without one right, and sees it when the right is given", async () => {
  serve();
  const well = server.answer;
  let allowed = false;
  server.answer = (request, response) => {
    if (!allowed && plural(request.path) === "limitranges") sendStatus(response, 403, "no right to list limitranges");
    else well(request, response);
  };
  const { view } = open();
  await until("failures", () => failures.length >= 2 && watches.size === KINDS.length - 1);
  expect(view.isWhole()).toBe(false);
  allowed = true;
  await until("all of it", () => view.isWhole());
  expect(view.object("LimitRange", box.box_id)).toBeDefined();
});

it("tells after a gap in the history only what is otherwise than before", async () => {
  serve();
  const { view, changed } = open();
  await until("all of it", () => view.isWhole() && watches.size === KINDS.length);
  changed.length = 0;
  tell("resourcequotas", "ERROR", { code: 410, reason: "Expired", message: "too old" });
  const lists = () =>
    server.requests.filter(({ path, query }) => plural(path) === "resourcequotas" && !query.has("watch"));
  await until("another list", () => lists().length === 2 && view.isWhole());
  expect(changed).toEqual([]);
});
