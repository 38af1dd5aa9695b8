import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { WantedBox } from "#schema/contracts/wanted-box.ts";
import { readClusterSettings } from "../../../config/config.ts";
import { objectsWithoutSecret } from "../../../drivers/desired/box-objects.ts";
import { objectPath } from "../../../drivers/kube/resource-path.ts";
import { type FakeApiServer, sendJson, sendStatus, startFakeApiServer } from "../../../testing/fake-api-server.ts";
import { type FakeOperatorEdge, startFakeOperatorEdge } from "../../../testing/fake-operator-edge.ts";
import { fakeTerminal } from "../../../testing/fake-terminal.ts";
import { sampleAnsweredBox } from "../../../testing/sample-answers.ts";
import { runCommandLine } from "../run-command-line.ts";

const box = sampleAnsweredBox();
const HASH = "a".repeat(64);
const wanted: WantedBox = {
  box_id: box.id,
  generation: 1,
  fence: 3,
  status: "active",
  tier: "starter",
  restart_token: "0",
  config_hash: HASH,
};
const SETTINGS = { GATEWAY_IMAGE: "gateway@sha256:1", EDGE_CIDRS: '[{"cidr":"203.0.113.0/24"}]' };

/** What the cluster holds, by path; a dry run answers with what it would be. */
type Stored = Record<string, unknown>;
interface StoredObject {
  kind: string;
  metadata: { name: string; annotations: Record<string, string> };
  spec: Record<string, unknown>;
}

let edge: FakeOperatorEdge;
let api: FakeApiServer;
let dir: string;
let store: Stored;
beforeEach(async () => {
  store = {};
  edge = await startFakeOperatorEdge();
  edge.routes[`GET /internal/boxes/${box.id}`] = () => ({ body: box });
  edge.routes[`GET /internal/boxes/${box.id}/wanted`] = () => ({ body: wanted });
  api = await startFakeApiServer();
  api.answer = ({ method, path, body }, response) => {
    const there = store[path];
    if (method === "PATCH")
      return sendJson(response, 200, { ...(there as object), ...applied(JSON.parse(body), there) });
    if (there !== undefined) return sendJson(response, 200, there);
    if (path.split("/").at(-1)?.endsWith("s")) return sendJson(response, 200, { items: [] });
    return sendStatus(response, 404, "not there");
  };
  dir = mkdtempSync(join(tmpdir(), "boxes-diff-"));
});
afterEach(async () => {
  rmSync(dir, { recursive: true });
  await Promise.all([edge.close(), api.close()]);
});

/** Server-side apply as far as it matters here: our fields win, the server's own stay. */
function applied(object: StoredObject, there: unknown) {
  const kept = (there as StoredObject | undefined)?.metadata;
  return { ...object, metadata: { ...kept, ...object.metadata } };
}

async function diff(env: Record<string, string> = SETTINGS, ...more: string[]) {
  const kubeconfig = join(dir, "kubeconfig");
  writeFileSync(kubeconfig, api.config.exportConfig());
  const terminal = fakeTerminal({ ...edge.env, KUBECONFIG: kubeconfig, ...env });
  const code = await runCommandLine(["boxes", "diff", box.id, ...more], terminal);
  return { code, out: terminal.out.join("\n"), err: terminal.err.join("\n") };
}

/** Fills the cluster with exactly what is wanted, as a server keeps it. */
function converge(): void {
  const settings = readClusterSettings(SETTINGS);
  const desired = { ...wanted, customer_id: null, config: null };
  const { namespace, bounds, volume, deployment } = objectsWithoutSecret(desired, settings);
  for (const object of [namespace, ...bounds, volume, deployment]) {
    const metadata = { uid: object.kind, resourceVersion: "1", managedFields: [], ...object.metadata };
    store[objectPath(object)] = structuredClone({ ...object, metadata, status: { observed: true } });
  }
  store[`/api/v1/namespaces/${box.namespace}/secrets/gateway`] = {
    metadata: { name: "gateway", uid: "s", resourceVersion: "1", annotations: { "fleet/config-hash": HASH } },
  };
}

describe("boxes diff", () => {
  it("finds nothing where everything is as wanted", async () => {
    converge();
    expect(await diff()).toMatchObject({ code: 0, out: expect.stringContaining("as it should be") });
    for (const { method, query } of api.requests) if (method === "PATCH") expect(query.get("dryRun")).toBe("All");
  });

  it("names what is missing, changed and not wanted, and ends with 1", async () => {
    converge();
    const ns = `/api/v1/namespaces/${box.namespace}`;
    const apps = `/apis/apps/v1/namespaces/${box.namespace}/deployments`;
    const quota = store[`${ns}/resourcequotas/gateway`] as StoredObject;
    quota.spec.hard = { pods: "99" };
    delete store[`/apis/networking.k8s.io/v1/namespaces/${box.namespace}/networkpolicies/gateway`];
    store[apps] = { items: [{ metadata: { name: "older", uid: "1", resourceVersion: "1" } }] };
    const { code, out, err } = await diff();
    expect(code).toBe(1);
    expect(out).toContain("~ ResourceQuota gateway");
    expect(out).toContain('spec.hard.pods: "99" → ');
    expect(out).toContain("- NetworkPolicy gateway: is missing");
    expect(out).toContain("+ Deployment older: should not be there");
    expect(err).toContain("3 of ");
    const { objects, same } = JSON.parse((await diff(SETTINGS, "--json")).out);
    expect(same).toBe(false);
    expect(objects.filter(({ state }: { state: string }) => state !== "same")).toHaveLength(3);
  });

  it("takes no offence at a volume whose storage class can't grow it", async () => {
    converge();
    const path = `/api/v1/namespaces/${box.namespace}/persistentvolumeclaims/gateway`;
    (store[path] as StoredObject).spec.resources = { requests: { storage: "1Gi" } };
    const { answer } = api;
    api.answer = (request, response) => {
      const grows = request.method === "PATCH" && request.path === path && !request.body.includes('"storage":"1Gi"');
      return grows ? sendStatus(response, 403, "the storageclass must support resize") : answer(request, response);
    };
    expect(await diff()).toMatchObject({ code: 0, out: expect.stringContaining("as it should be") });
  });

  it("compares configurations by their hashes, and never asks for a Secret's content", async () => {
    converge();
    const path = `/api/v1/namespaces/${box.namespace}/secrets/gateway`;
    (store[path] as StoredObject).metadata.annotations["fleet/config-hash"] = "b".repeat(64);
    const { code, out } = await diff();
    expect(code).toBe(1);
    expect(out).toContain("~ Secret gateway");
    const asked = api.requests.filter((request) => request.path === path);
    expect(asked.every(({ headers }) => headers.accept?.includes("as=PartialObjectMetadata"))).toBe(true);
  });

  it("takes the settings of the cluster's own agent where none are given", async () => {
    converge();
    const container = { envFrom: [{ configMapRef: { name: "fleet-agent-settings-abc" } }] };
    store["/apis/apps/v1/namespaces/fleet-system/deployments/fleet-agent"] = {
      spec: { template: { spec: { containers: [container] } } },
    };
    const map = "/api/v1/namespaces/fleet-system/configmaps/fleet-agent-settings-abc";
    store[map] = { data: { ...SETTINGS, CLUSTER_ID: "hel1" } };
    expect((await diff({})).code).toBe(0);
    store[map] = { data: { ...SETTINGS, CLUSTER_ID: "fsn1" } };
    expect(await diff({})).toMatchObject({ code: 2, err: expect.stringContaining("is in hel1") });
  });

  it("says what is missing where no agent runs", async () => {
    expect(await diff({})).toMatchObject({ code: 2, err: expect.stringContaining("GATEWAY_IMAGE") });
  });

  it("finds a namespace that should be gone", async () => {
    edge.routes[`GET /internal/boxes/${box.id}/wanted`] = () => ({
      body: { ...wanted, status: "destroyed", config_hash: null },
    });
    expect((await diff()).code).toBe(0);
    store[`/api/v1/namespaces/${box.namespace}`] = { metadata: { name: box.namespace } };
    expect(await diff()).toMatchObject({ code: 1, out: `+ Namespace ${box.namespace}: should not be there` });
  });
});
