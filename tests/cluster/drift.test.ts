/** On a real API server: manual changes of a box are found within seconds and repaired by a job. */
import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import type { KubeObject as BoxObject } from "#fleet-agent/drivers/desired/kube-object.ts";
import { collectionPath } from "#fleet-agent/drivers/kube/resource-path.ts";
import {
  type ClusterStack,
  kubectl,
  kubectlByForce,
  podReady,
  podsOf,
  startClusterStack,
} from "#tests/harness/cluster.ts";
import { compareNow } from "#tests/harness/comparison.ts";
import { readKube } from "#tests/harness/kube-reads.ts";
import { type StandInKubelet, startStandInKubelet } from "#tests/harness/stand-in-kubelet.ts";
import { until } from "#tests/harness/until.ts";

const CLUSTER = "local";
let cluster: ClusterStack;
let kubelet: StandInKubelet;
let boxId: string;
let namespace: string;
const log: Record<string, unknown>[] = [];

beforeAll(async () => {
  kubelet = await startStandInKubelet();
  cluster = await startClusterStack(inject("bundle"), { settings: { RUNTIME_CLASS: kubelet.runtimeClass } });
  cluster.startAgent((line) => {
    if (line.startsWith("{")) log.push(JSON.parse(line));
  });
  const bot = cluster.stack.services.telegram.createBot({ username: "drift_bot", name: "Drift" });
  const { box, job } = await cluster.operator.provision({
    customer_email: "drift@example.com",
    telegram_bot_token: bot.token,
    telegram_user_id: 1001,
    tier: "starter",
  });
  boxId = box.id;
  namespace = box.namespace;
  await podReady(namespace, 280_000);
  await cluster.operator.succeeded(job.id, 280_000);
}, 300_000);

afterAll(async () => {
  await cluster?.close();
  await kubelet?.close();
});

type Kind = BoxObject["kind"];
interface KubeObject {
  metadata: { name: string; uid: string; labels: Record<string, string>; annotations: Record<string, string> };
  spec: Record<string, unknown>;
}
const read = (kind: Kind) =>
  readKube<KubeObject>(
    kind === "Namespace" ? `/api/v1/namespaces/${namespace}` : `${collectionPath(kind, namespace)}/gateway`,
  );
const repairs = async () =>
  (await cluster.operator.jobs(`?box_id=${boxId}`)).filter(({ requested_by }) => requested_by === `agent:${CLUSTER}`);
const query = (text: string, params: unknown[] = []) => cluster.stack.services.neon.query(text, params);

/** Does it, and waits until the agent's job has put it right; how long that took (ms). No waits from earlier repairs. */
async function repaired(doIt: () => Promise<unknown>, isRight: () => Promise<boolean>): Promise<number> {
  await query("update box_health set drift_repaired_at = null, drift_repairs = 0 where box_id = $1", [boxId]);
  const before = (await repairs()).length;
  await doIt();
  const since = performance.now();
  const right = await until("it to be right again", async () => (await isRight()) && performance.now() - since, 60_000);
  await until(
    "the repair's end",
    async () => {
      const jobs = await repairs();
      return jobs.length > before && jobs.every(({ status }) => status === "succeeded");
    },
    120_000,
  );
  return right;
}
const took: Record<string, number> = {};

describe("within seconds", () => {
  test("a box that nobody touches is left alone", async () => {
    const compared = await until("the first comparison", () =>
      log.find(({ msg }) => msg === "the cluster was compared"),
    );
    expect(compared).toMatchObject({ missing: 0, differing: 0, outdated: 0 });
    expect(await repairs()).toEqual([]);
  });

  test("a deleted network policy is there again, and the pod goes on running", async () => {
    const [pod] = await podsOf(namespace);
    took.policy = await repaired(
      () => kubectl(["delete", "networkpolicy", "gateway", "-n", namespace]),
      () =>
        read("NetworkPolicy").then(
          () => true,
          () => false,
        ),
    );
    expect((await podsOf(namespace)).map(({ metadata }) => metadata.uid)).toEqual([pod?.metadata.uid]);
  });

  test("a changed quota is what it was", async () => {
    const { spec } = await read("ResourceQuota");
    const patch = JSON.stringify({ spec: { hard: { pods: "100", "requests.memory": "64Gi" } } });
    took.quota = await repaired(
      () => kubectl(["patch", "resourcequota", "gateway", "-n", namespace, "--type=merge", "-p", patch]),
      async () => JSON.stringify((await read("ResourceQuota")).spec) === JSON.stringify(spec),
    );
  });

  test("a policy that was opened is closed", async () => {
    const { spec } = await read("NetworkPolicy");
    const patch = JSON.stringify([
      { op: "add", path: "/spec/egress/-", value: { to: [{ ipBlock: { cidr: "0.0.0.0/0" } }] } },
    ]);
    took.opened = await repaired(
      () => kubectl(["patch", "networkpolicy", "gateway", "-n", namespace, "--type=json", "-p", patch]),
      async () => JSON.stringify((await read("NetworkPolicy")).spec) === JSON.stringify(spec),
    );
  });

  test("a network policy that was put beside ours goes: it would have opened the box", async () => {
    const spec = { podSelector: {}, policyTypes: ["Ingress", "Egress"], ingress: [{}], egress: [{}] };
    const metadata = { name: "open", namespace };
    const open = { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata, spec };
    const policies = async () =>
      (await readKube<{ items: KubeObject[] }>(collectionPath("NetworkPolicy", namespace))).items;
    took.beside = await repaired(
      () => kubectlByForce(["create", "-f", "-"], JSON.stringify(open)),
      async () => (await policies()).map(({ metadata: { name } }) => name).join() === "gateway",
    );
  });

  test("a namespace without its Pod Security has it again", async () => {
    const label = "pod-security.kubernetes.io/enforce";
    took.namespace = await repaired(
      () => kubectl(["label", "namespace", namespace, `${label}-`]),
      async () => (await read("Namespace")).metadata.labels[label] === "restricted",
    );
  });

  test("a Deployment that was scaled away runs again", async () => {
    took.scaled = await repaired(
      () => kubectl(["scale", "deployment", "gateway", "-n", namespace, "--replicas=0"]),
      async () => (await read("Deployment")).spec.replicas === 1,
    );
    await podReady(namespace);
  });

  test("what was added beside ours is taken away", async () => {
    const env = async () => JSON.stringify((await read("Deployment")).spec).includes('"name":"MINER"');
    took.added = await repaired(
      () => kubectl(["set", "env", "deployment/gateway", "-n", namespace, "MINER=1"]),
      async () => !(await env()),
    );
    await podReady(namespace);
  });

  test("what operators may do stays: a label of theirs, a restart by hand", async () => {
    const before = (await repairs()).length;
    await kubectl(["label", "namespace", namespace, "team=red"]);
    await kubectl(["rollout", "restart", "deployment/gateway", "-n", namespace]);
    await kubectl(["rollout", "status", "deployment/gateway", "-n", namespace, "--timeout=180s"]);
    await compareNow(cluster.operator);
    expect((await repairs()).length).toBe(before);
  });

  test("nothing took longer than ten seconds", () => {
    console.log(
      "repaired after ms",
      Object.fromEntries(Object.entries(took).map(([what, ms]) => [what, Math.round(ms)])),
    );
    expect(Math.max(...Object.values(took))).toBeLessThan(10_000);
  });
});

describe("a full comparison", () => {
  test("finds a Secret that was changed, without reading it, and writes it anew", async () => {
    await query("update box_health set drift_repaired_at = null, drift_repairs = 0 where box_id = $1", [boxId]);
    const secret = async () =>
      (await readKube<{ data: object }>(`${collectionPath("Secret", namespace)}/gateway`)).data;
    const data = await secret();
    const patch = JSON.stringify({ data: { "box.json": Buffer.from("{}").toString("base64"), extra: "eA==" } });
    const secrets = ["secret", "gateway", "-n", namespace];
    await kubectlByForce(["patch", ...secrets, "--type=merge", "-p", patch]);
    await until(
      "a comparison to have it repaired",
      async () => (await compareNow(cluster.operator)) && isDeepStrictEqual(await secret(), data),
      60_000,
    );
    await kubectlByForce(["delete", ...secrets]);
    await query("update box_health set drift_repaired_at = null, drift_repairs = 0 where box_id = $1", [boxId]);
    const isThere = async () => (await compareNow(cluster.operator)) && (await secret().catch(() => undefined));
    expect(await until("a comparison to have it made again", isThere, 60_000)).toEqual(data);
  });

  test("makes a box anew whose namespace was lost", async () => {
    await query("update box_health set drift_repaired_at = null, drift_repairs = 0 where box_id = $1", [boxId]);
    const { uid } = (await read("Namespace")).metadata;
    await kubectl(["delete", "namespace", namespace, "--wait=false"]);
    await until("another namespace", async () => (await read("Namespace")).metadata.uid !== uid, 120_000);
    await podReady(namespace);
    await until("the repair's end", async () => (await cluster.operator.box(boxId)).status === "active", 120_000);
  });
});
