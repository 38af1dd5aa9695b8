/** On a real API server: what somebody does to a box by hand is found within seconds and put right, by a job. */
import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { ClusterComparison } from "#schema/contracts/clusters.ts";
import { newId } from "#schema/domain/ids.ts";
import {
  type ClusterStack,
  kubectl,
  kubectlByForce,
  kubectlJson,
  podReady,
  podsOf,
  startClusterStack,
} from "#tests/harness/cluster.ts";
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
  cluster = await startClusterStack(inject("bundle"));
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
  await kubectl(["delete", "namespace", namespace, "--ignore-not-found", "--wait=false"]);
  await kubelet?.close();
});

interface KubeObject {
  metadata: { uid: string; labels: Record<string, string>; annotations: Record<string, string> };
  spec: Record<string, unknown>;
}
const read = (kind: string) =>
  kubectlJson<KubeObject>(["get", kind, kind === "namespace" ? namespace : "gateway", "-n", namespace]);
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
        read("networkpolicy").then(
          () => true,
          () => false,
        ),
    );
    expect((await podsOf(namespace)).map(({ metadata }) => metadata.uid)).toEqual([pod?.metadata.uid]);
  });

  test("a changed quota is what it was", async () => {
    const { spec } = await read("resourcequota");
    const patch = JSON.stringify({ spec: { hard: { pods: "100", "requests.memory": "64Gi" } } });
    took.quota = await repaired(
      () => kubectl(["patch", "resourcequota", "gateway", "-n", namespace, "--type=merge", "-p", patch]),
      async () => JSON.stringify((await read("resourcequota")).spec) === JSON.stringify(spec),
    );
  });

  test("a policy that was opened is closed", async () => {
    const { spec } = await read("networkpolicy");
    const patch = JSON.stringify([
      { op: "add", path: "/spec/egress/-", value: { to: [{ ipBlock: { cidr: "0.0.0.0/0" } }] } },
    ]);
    took.opened = await repaired(
      () => kubectl(["patch", "networkpolicy", "gateway", "-n", namespace, "--type=json", "-p", patch]),
      async () => JSON.stringify((await read("networkpolicy")).spec) === JSON.stringify(spec),
    );
  });

  test("a network policy that was put beside ours goes: it would have opened the box", async () => {
    const spec = { podSelector: {}, policyTypes: ["Ingress", "Egress"], ingress: [{}], egress: [{}] };
    const metadata = { name: "open", namespace };
    const open = { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata, spec };
    const policies = () => kubectl(["get", "networkpolicies", "-n", namespace, "-o", "name"]);
    took.beside = await repaired(
      () => kubectlByForce(["create", "-f", "-"], JSON.stringify(open)),
      async () => (await policies()) === "networkpolicy.networking.k8s.io/gateway\n",
    );
  });

  test("a namespace without its Pod Security has it again", async () => {
    const label = "pod-security.kubernetes.io/enforce";
    took.namespace = await repaired(
      () => kubectl(["label", "namespace", namespace, `${label}-`]),
      async () => (await read("namespace")).metadata.labels[label] === "restricted",
    );
  });

  test("a Deployment that was scaled away runs again", async () => {
    took.scaled = await repaired(
      () => kubectl(["scale", "deployment", "gateway", "-n", namespace, "--replicas=0"]),
      async () => (await read("deployment")).spec.replicas === 1,
    );
    await podReady(namespace);
  });

  test("what was added beside ours is taken away", async () => {
    const env = async () => JSON.stringify((await read("deployment")).spec).includes('"name":"MINER"');
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
    await compareNow();
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

const comparison = async () => {
  const answer = await cluster.operator.send("GET", `/internal/clusters/${CLUSTER}/comparison`);
  return ClusterComparison.parse(await answer.json());
};
async function compareNow(body: object = {}): Promise<ClusterComparison> {
  const { compared_at: before } = await comparison();
  const asked = await cluster.operator.send("POST", `/internal/clusters/${CLUSTER}/reconcile`, body);
  expect(asked.status).toBe(200);
  return until(
    "the comparison",
    async () => {
      const now = await comparison();
      return now.compared_at !== before && now;
    },
    60_000,
  );
}

/** A namespace of a box, as an older snapshot of the cluster would bring it back. */
async function bringBack(id: string): Promise<string> {
  const name = `customer-${id}`;
  const labels = {
    "app.kubernetes.io/managed-by": "fleet-agent",
    "pod-security.kubernetes.io/enforce": "restricted",
    "pod-security.kubernetes.io/enforce-version": "v1.33",
  };
  const object = {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name, labels, annotations: { "fleet/fence": "1" } },
  };
  await kubectlByForce(["apply", "-f", "-"], JSON.stringify(object));
  return name;
}
const exists = (name: string) =>
  kubectl(["get", "namespace", name]).then(
    () => true,
    () => false,
  );

/** Rows of boxes that were destroyed long ago. */
async function tombstones(count: number): Promise<string[]> {
  const rows = await query(
    `insert into boxes (id, cluster_id, tier, status, desired_status, model, thinking_level, language, telegram_user_ids, destroyed_at)
     select gen_random_uuid(), $1, 'starter', 'destroyed', 'destroyed', 'm', 'low', 'en', '{}', now() from generate_series(1, $2::int)
     returning id`,
    [CLUSTER, count],
  );
  return rows.map(({ id }) => String(id));
}

describe("a full comparison", () => {
  test("removes what is recorded as destroyed and came back, and leaves alone what nobody knows", async () => {
    const { found: before } = await compareNow();
    const [gone] = await tombstones(1);
    const back = await bringBack(gone ?? "");
    const stranger = await bringBack(newId());
    const { found, brake } = await compareNow();
    expect(found).toMatchObject({ strays: (before?.strays ?? 0) + 2, unknown: (before?.unknown ?? 0) + 1 });
    expect(brake).toBeNull();
    await until("its removal", async () => !(await exists(back)), 60_000);
    expect(await exists(stranger)).toBe(true);
    await kubectl(["delete", "namespace", stranger, "--wait=false"]);
  });

  test("finds a Secret that was changed, without reading it, and writes it anew", async () => {
    await query("update box_health set drift_repaired_at = null, drift_repairs = 0 where box_id = $1", [boxId]);
    const secret = async () =>
      (await kubectlJson<{ data: object }>(["get", "secret", "gateway", "-n", namespace])).data;
    const data = await secret();
    const patch = JSON.stringify({ data: { "box.json": Buffer.from("{}").toString("base64"), extra: "eA==" } });
    const secrets = ["secret", "gateway", "-n", namespace];
    await kubectlByForce(["patch", ...secrets, "--type=merge", "-p", patch]);
    await until(
      "a comparison to have it repaired",
      async () => (await compareNow()) && isDeepStrictEqual(await secret(), data),
      60_000,
    );
    await kubectlByForce(["delete", ...secrets]);
    await query("update box_health set drift_repaired_at = null, drift_repairs = 0 where box_id = $1", [boxId]);
    const isThere = async () => (await compareNow()) && (await secret().catch(() => undefined));
    expect(await until("a comparison to have it made again", isThere, 60_000)).toEqual(data);
  });

  test("holds a mass deletion back until an operator says how many boxes", async () => {
    const names = await Promise.all((await tombstones(7)).map(bringBack));
    const { brake } = await compareNow();
    expect(brake?.boxes).toHaveLength(7);
    expect(log.some(({ msg }) => String(msg).includes("an operator has to confirm"))).toBe(true);
    expect(await Promise.all(names.map(exists))).toEqual(names.map(() => true));
    expect((await cluster.operator.send("POST", `/internal/clusters/${CLUSTER}/reconcile`, { remove: 6 })).status).toBe(
      409,
    );

    await compareNow({ remove: 7 });
    await until("their removal", async () => !(await Promise.all(names.map(exists))).includes(true), 120_000);
    expect((await comparison()).brake).toBeNull();
  });

  test("makes a box anew whose namespace was lost", async () => {
    await query("update box_health set drift_repaired_at = null, drift_repairs = 0 where box_id = $1", [boxId]);
    const { uid } = (await read("namespace")).metadata;
    await kubectl(["delete", "namespace", namespace, "--wait=false"]);
    await until("another namespace", async () => (await read("namespace")).metadata.uid !== uid, 120_000);
    await podReady(namespace);
    await until("the repair's end", async () => (await cluster.operator.box(boxId)).status === "active", 120_000);
  });
});
