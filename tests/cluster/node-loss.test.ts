/** A machine that falls silent: nobody starts its boxes a second time, and they come up elsewhere once it is known to be gone. */
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { type ClusterStack, kubectl, kubectlJson, startClusterStack } from "#tests/harness/cluster.ts";
import { Customer } from "#tests/harness/customer.ts";
import { type FakeNodes, startFakeNodes } from "#tests/harness/fake-node.ts";
import { until } from "#tests/harness/until.ts";

const NODES = ["lost-a", "lost-b"];
const CLASS = "node-loss";
let cluster: ClusterStack;
let nodes: FakeNodes;
let boxId: string;
let namespace: string;
let real: string[] = [];

/** A volume that is there already: nobody on these nodes could make one. */
const storage = {
  apiVersion: "v1",
  kind: "List",
  items: [
    {
      apiVersion: "storage.k8s.io/v1",
      kind: "StorageClass",
      metadata: { name: CLASS },
      provisioner: "kubernetes.io/no-provisioner",
      volumeBindingMode: "Immediate",
    },
    {
      apiVersion: "v1",
      kind: "PersistentVolume",
      metadata: { name: CLASS },
      spec: {
        capacity: { storage: "100Gi" },
        accessModes: ["ReadWriteOnce"],
        persistentVolumeReclaimPolicy: "Delete",
        storageClassName: CLASS,
        hostPath: { path: "/tmp/node-loss" },
      },
    },
  ],
};

beforeAll(async () => {
  real = (await kubectl(["get", "nodes", "-o", "name"])).trim().split("\n").filter(Boolean);
  for (const node of real) await kubectl(["cordon", node]);
  await kubectl(["apply", "-f", "-"], JSON.stringify(storage));
  nodes = await startFakeNodes(NODES);
  cluster = await startClusterStack(inject("bundle"));
  cluster.stack.startFleetAgent({ ...cluster.agentEnv, STORAGE_CLASS: CLASS });
  const { box, job } = await cluster.operator.provision(new Customer(cluster, "nodeloss").order);
  boxId = box.id;
  namespace = box.namespace;
  await cluster.operator.succeeded(job.id);
});

afterAll(async () => {
  await cluster?.close();
  await kubectl(["delete", "namespace", namespace, "--ignore-not-found", "--wait=false"]);
  await nodes?.close();
  await kubectl(["delete", "-f", "-", "--wait=false"], JSON.stringify(storage));
  for (const node of real) await kubectl(["uncordon", node]);
});

const podNow = () =>
  nodes.pods().find((pod) => pod.metadata.namespace === namespace && !pod.metadata.deletionTimestamp);
const box = () => cluster.operator.box(boxId);
const health = (wanted: string, timeoutMs: number) =>
  until(`the box to be ${wanted}`, async () => (await box()).health === wanted && performance.now(), timeoutMs);
const nodeIs = (name: string, ready: string) =>
  until(
    `${name} to be ${ready}`,
    async () => {
      const { status, spec } = await kubectlJson<{
        status: { conditions: { type: string; status: string }[] };
        spec: { taints?: { key: string; effect: string }[] };
      }>(["get", "node", name]);
      const silent =
        spec.taints?.some(({ key, effect }) => key.endsWith("/unreachable") && effect === "NoExecute") ?? false;
      const now = status.conditions.find(({ type }) => type === "Ready")?.status;
      return now === ready && silent === (ready === "Unknown") && performance.now();
    },
    120_000,
  );

test("its box is unhealthy at once, for its node's sake, and stays the only one", async () => {
  await health("healthy", 60_000);
  const pod = podNow();
  const lost = pod?.spec.nodeName ?? "";
  expect(NODES).toContain(lost);
  nodes.lose(lost);
  const silentAt = await nodeIs(lost, "Unknown");
  const toldAt = await health("unhealthy", 45_000);
  console.log("told after ms", Math.round(toldAt - silentAt));
  expect(await box()).toMatchObject({ status: "active", status_reason: expect.stringContaining(lost) });

  const query = (text: string) => cluster.stack.services.neon.query(text);
  await query("update box_health set unhealthy_since = now() - interval '1 hour'");
  await cluster.stack.edge.runCron();
  expect((await cluster.operator.jobs(`?box_id=${boxId}`)).filter(({ type }) => type === "restart")).toEqual([]);
  expect(podNow()?.metadata).toEqual(pod?.metadata);
  const { spec } = await kubectlJson<{ spec: { tolerations: { key?: string; tolerationSeconds?: number }[] } }>([
    "get",
    "pod",
    pod?.metadata.name ?? "",
    "-n",
    namespace,
  ]);
  const forSilence = spec.tolerations.filter(({ key }) => key?.endsWith("/unreachable") || key?.endsWith("/not-ready"));
  expect(forSilence.map(({ tolerationSeconds }) => tolerationSeconds)).toEqual([undefined, undefined]);
});

test("where the machine comes back, the same pod is well again", async () => {
  const pod = podNow();
  nodes.find(pod?.spec.nodeName ?? "");
  await nodeIs(pod?.spec.nodeName ?? "", "True");
  await health("healthy", 60_000);
  expect(podNow()?.metadata.uid).toBe(pod?.metadata.uid);
  expect(nodes.mostAtOnce(namespace)).toBe(1);
});

test("where it is known to be gone, the box runs elsewhere within five minutes", async () => {
  const pod = podNow();
  const lost = pod?.spec.nodeName ?? "";
  nodes.lose(lost);
  await nodeIs(lost, "Unknown");
  const goneAt = performance.now();
  await kubectl(["delete", "node", lost]);
  await until(
    "another pod elsewhere",
    () => {
      const now = podNow();
      return now !== undefined && now.spec.nodeName !== undefined && now.spec.nodeName !== lost;
    },
    300_000,
  );
  const wellAt = await health("healthy", 60_000);
  console.log("elsewhere after s", Math.round((wellAt - goneAt) / 1_000));
  expect(wellAt - goneAt).toBeLessThan(300_000);
  expect(nodes.mostAtOnce(namespace), "never two pods at once").toBe(1);
});
