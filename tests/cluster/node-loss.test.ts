/**
 * Machines that fall ill or silent: their boxes are told of at once, leave after two minutes, and run elsewhere within five
 * minutes where the machine's kubelet or the cloud says that they have ended; never in two places.
 */
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { podsPath } from "#fleet-agent/drivers/kube/resource-path.ts";
import {
  type ClusterStack,
  kubectl,
  kubectlByForce,
  kubectlJson,
  type Pod,
  startClusterStack,
} from "#tests/harness/cluster.ts";
import { Customer } from "#tests/harness/customer.ts";
import { type FakeNodes, startFakeNodes } from "#tests/harness/fake-node.ts";
import { readKube } from "#tests/harness/kube-reads.ts";
import { until } from "#tests/harness/until.ts";

const NODES = ["lost-a", "lost-b", "lost-c"];
const CLASS = "node-loss";
const FIVE_MINUTES = 300_000;
let cluster: ClusterStack;
let nodes: FakeNodes;
let ada: LostBox;
let bea: LostBox;

/** Volumes that are there already: nobody on these nodes could make one. */
const volume = (name: string) => ({
  apiVersion: "v1",
  kind: "PersistentVolume",
  metadata: { name: `${CLASS}-${name}` },
  spec: {
    capacity: { storage: "100Gi" },
    accessModes: ["ReadWriteOncePod"],
    persistentVolumeReclaimPolicy: "Delete",
    storageClassName: CLASS,
    hostPath: { path: `/tmp/${CLASS}-${name}` },
  },
});
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
    volume("a"),
    volume("b"),
  ],
};

/** A box that a test loses, and what is seen of it. */
class LostBox {
  readonly id: string;
  readonly namespace: string;

  constructor({ id, namespace }: { id: string; namespace: string }) {
    this.id = id;
    this.namespace = namespace;
  }

  static async provision(name: string): Promise<LostBox> {
    const { box, job } = await cluster.operator.provision(new Customer(cluster, name).order);
    await cluster.operator.succeeded(job.id);
    return new LostBox(box);
  }

  pods = () => nodes.pods().filter(({ metadata }) => metadata.namespace === this.namespace);
  /** The pod that should stay, and its node. */
  pod = () => this.pods().find(({ metadata }) => !metadata.deletionTimestamp);
  node = () => this.pod()?.spec.nodeName ?? "";
  now = () => cluster.operator.box(this.id);
  async health(wanted: string, timeoutMs: number): Promise<number> {
    return until(
      `${this.id} to be ${wanted}`,
      async () => (await this.now()).health === wanted && performance.now(),
      timeoutMs,
    );
  }
  /** When it was well again on another node (ms, performance clock). */
  async elsewhere(than: string): Promise<number> {
    const isElsewhere = () => this.node() !== "" && this.node() !== than;
    await until(`a pod elsewhere than on ${than}`, isElsewhere, FIVE_MINUTES);
    return this.health("healthy", 60_000);
  }
}

beforeAll(async () => {
  await kubectl(["apply", "-f", "-"], JSON.stringify(storage));
  nodes = await startFakeNodes(CLASS, NODES);
  cluster = await startClusterStack(inject("bundle"), { settings: { STORAGE_CLASS: CLASS, RUNTIME_CLASS: CLASS } });
  cluster.startAgent();
  ada = await LostBox.provision("ada");
  await kubectl(["cordon", ada.node()]);
  bea = await LostBox.provision("bea");
  await kubectl(["uncordon", ada.node()]);
});

afterAll(async () => {
  await cluster?.close();
  await nodes?.close();
  await kubectl(["delete", "-f", "-", "--wait=false"], JSON.stringify(storage));
});

const nodeIs = (name: string, ready: string) =>
  until(
    `${name} to be ${ready}`,
    async () => {
      const { status, spec } = await readKube<{
        status: { conditions: { type: string; status: string }[] };
        spec: { taints?: { key: string; effect: string }[] };
      }>(`/api/v1/nodes/${name}`);
      const silent =
        spec.taints?.some(({ key, effect }) => key.endsWith("/unreachable") && effect === "NoExecute") ?? false;
      const now = status.conditions.find(({ type }) => type === "Ready")?.status;
      return now === ready && silent === (ready === "Unknown") && performance.now();
    },
    120_000,
  );
const seconds = (from: number, to: number) => Math.round((to - from) / 1_000);

describe("a machine that is silent for a moment", () => {
  test("makes its box unhealthy at once, for its node's sake, and nothing restarts it", async () => {
    await ada.health("healthy", 60_000);
    const [pod, lost] = [ada.pod(), ada.node()];
    expect(NODES).toContain(lost);
    nodes.lose(lost);
    const silentAt = await nodeIs(lost, "Unknown");
    const toldAt = await ada.health("unhealthy", 45_000);
    console.log("told after ms", Math.round(toldAt - silentAt));
    expect(await ada.now()).toMatchObject({ status: "active", status_reason: expect.stringContaining(lost) });

    const query = (text: string) => cluster.stack.services.neon.query(text);
    await query("update box_health set unhealthy_since = now() - interval '1 hour'");
    await cluster.stack.edge.runCron();
    expect((await cluster.operator.jobs(`?box_id=${ada.id}`)).filter(({ type }) => type === "restart")).toEqual([]);
    expect(ada.pod()?.metadata).toEqual(pod?.metadata);
  });

  test("finds the same pod well again when it is back", async () => {
    const [pod, lost] = [ada.pod(), ada.node()];
    nodes.find(lost);
    await nodeIs(lost, "True");
    await ada.health("healthy", 60_000);
    expect(ada.pod()?.metadata.uid).toBe(pod?.metadata.uid);
  });
});

test("a box's memory takes one pod, whoever makes another", async () => {
  const { spec } = await kubectlJson<{ spec: { template: { spec: PodSpec } } }>([
    ...["get", "deployment", "gateway", "-n", ada.namespace],
  ]);
  const pod = spec.template.spec;
  const [container] = pod.containers;
  const small = { cpu: "50m", memory: "64Mi", "ephemeral-storage": "64Mi" };
  const containers = [{ ...container, resources: { requests: small, limits: small } }];
  const second = { apiVersion: "v1", kind: "Pod", metadata: { name: "second" }, spec: { ...pod, containers } };
  await kubectlByForce(["create", "-n", ada.namespace, "-f", "-"], JSON.stringify(second));
  const why = () =>
    readKube<Pod & { status: { conditions?: { message?: string }[] } }>(`${podsPath(ada.namespace)}/second`);
  const conditions = await until("the scheduler's word on it", async () => (await why()).status.conditions);
  expect(conditions[0]?.message).toContain("ReadWriteOncePod");
  await kubectl(["delete", "pod", "second", "-n", ada.namespace]);
});

interface PodSpec {
  containers: object[];
}

describe("with nobody there", () => {
  // Both at the same time, since both take minutes.
  let ill: Promise<number>;
  let silent: Promise<{ leftAt: number; wellAt: number }>;
  let since: number;

  beforeAll(async () => {
    await Promise.all([ada.health("healthy", 60_000), bea.health("healthy", 60_000)]);
    const [sick, lost] = [ada.node(), bea.node()];
    expect(sick).not.toBe(lost);
    since = performance.now();
    nodes.sicken(sick);
    nodes.lose(lost);
    ill = ada.elsewhere(sick);
    silent = (async () => {
      const has = bea.pod()?.metadata.uid;
      const isLeaving = () => bea.pods().some(({ metadata }) => metadata.uid === has && metadata.deletionTimestamp);
      await until("the pod on the silent machine to be asked to go", isLeaving, FIVE_MINUTES);
      const leftAt = performance.now();
      expect(bea.pods().filter(({ spec }) => spec.nodeName && spec.nodeName !== lost)).toEqual([]);
      expect(await bea.now()).toMatchObject({ health: "unhealthy", status_reason: expect.stringContaining(lost) });
      // As the cloud's controller does for a server that is no more.
      await kubectl(["delete", "node", lost]);
      return { leftAt, wellAt: await bea.elsewhere(lost) };
    })();
    await Promise.allSettled([ill, silent]);
  }, 2 * FIVE_MINUTES);

  test("a machine that says it isn't ready gives its boxes up, and they run elsewhere within five minutes", async () => {
    const wellAt = await ill;
    console.log("from an ill machine: elsewhere after s", seconds(since, wellAt));
    expect(wellAt - since).toBeLessThan(FIVE_MINUTES);
    expect(nodes.mostAtOnce(ada.namespace), "never two pods at once").toBe(1);
  });

  test("a silent machine's boxes are asked to go, and run elsewhere within five minutes once the cloud has removed it", async () => {
    const { leftAt, wellAt } = await silent;
    console.log(
      "from a silent machine: asked to go after s",
      seconds(since, leftAt),
      "elsewhere",
      seconds(since, wellAt),
    );
    expect(wellAt - since).toBeLessThan(FIVE_MINUTES);
    expect(nodes.mostAtOnce(bea.namespace), "never two pods at once").toBe(1);
  });
});
