/** Every job on one real pod of the real gateway, seen from the outside: the operator's API, Telegram, the ledger, kubectl. */
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import type { BoxConfig } from "#schema/contracts/box-config.ts";
import type { Accepted, Job } from "#schema/contracts/internal.ts";
import { TIERS } from "#schema/domain/tiers.ts";
import {
  type ClusterStack,
  isReady,
  kubectl,
  kubectlJson,
  type Pod,
  podReady,
  podsOf,
  startClusterStack,
} from "#tests/harness/cluster.ts";
import { Customer } from "#tests/harness/customer.ts";
import { appliedAt } from "#tests/harness/gateway-log.ts";
import { until } from "#tests/harness/until.ts";

let cluster: ClusterStack;
let ada: Customer;
let accepted: Accepted;
let boxId: string;
let namespace: string;
const log: string[] = [];

beforeAll(async () => {
  cluster = await startClusterStack(inject("bundle"));
  cluster.startAgent((line) => log.push(line));
  ada = new Customer(cluster, "ada", "pro");
});

afterAll(async () => {
  await cluster?.close();
});

interface KubeObject {
  kind: string;
  metadata: { name: string; labels?: Record<string, string>; annotations?: Record<string, string> };
}

async function thePod(): Promise<Pod> {
  const [pod, ...others] = (await podsOf(namespace)).filter(isReady);
  if (!pod || others.length > 0) throw new Error(`${namespace} should have one ready pod`);
  return pod;
}

const exec = async (...command: string[]) =>
  kubectl(["exec", "-n", namespace, (await thePod()).metadata.name, "--", ...command]);

/** The pod's configuration in the cluster's Secret. */
async function boxConfig(): Promise<BoxConfig> {
  const { data } = await kubectlJson<{ data: Record<string, string> }>(["get", "secret", "gateway", "-n", namespace]);
  return JSON.parse(Buffer.from(data["box.json"] ?? "", "base64").toString());
}

/** From the job's grant until the running gateway has taken its configuration up, in ms. */
async function msUntilInEffect(job: Job): Promise<number> {
  const granted = Date.parse((await cluster.operator.succeeded(job.id)).started_at ?? "");
  return (await until("the gateway to take it up", () => appliedAt(namespace, job.generation))) - granted;
}

const HOT_MS = 3_000;

describe("provision", () => {
  test("makes a box by one call", async () => {
    accepted = await cluster.operator.provision(ada.order);
    boxId = accepted.box.id;
    namespace = accepted.box.namespace;
    expect(namespace).toBe(`customer-${boxId}`);
    await podReady(namespace);
    const job = await cluster.operator.succeeded(accepted.job.id);
    expect(job.steps.map(({ step }) => step).length).toBeGreaterThan(2);
    expect(await cluster.operator.box(boxId)).toMatchObject({ status: "active", observed_generation: 1 });
  });

  test("makes exactly the objects of a box, in a namespace that enforces the restricted standard", async () => {
    const kinds = "resourcequota,limitrange,networkpolicy,secret,pvc,deployment,serviceaccount";
    const { items } = await kubectlJson<{ items: KubeObject[] }>(["get", kinds, "-n", namespace]);
    const ours = items.filter(({ metadata }) => metadata.annotations?.["fleet/fence"] !== undefined);
    expect(ours.map(({ kind }) => kind).sort()).toEqual([
      "Deployment",
      "LimitRange",
      "NetworkPolicy",
      "PersistentVolumeClaim",
      "ResourceQuota",
      "Secret",
      "ServiceAccount",
    ]);
    const space = await kubectlJson<KubeObject>(["get", "namespace", namespace]);
    expect(space.metadata.labels).toMatchObject({ "pod-security.kubernetes.io/enforce": "restricted" });
    const refused = await kubectl(["run", "bad", "-n", namespace, "--image=x"]).catch(
      (error: { stderr: string }) => error.stderr,
    );
    expect(refused).toContain('violates PodSecurity "restricted');
  });

  test("runs its pod without root, without a service account's token, on a read-only root", async () => {
    expect((await exec("id", "-u")).trim()).toBe("1000");
    await expect(exec("sh", "-c", "echo x > /usr/local/bin/x")).rejects.toThrow(/[Rr]ead-only file system/);
    await expect(exec("ls", "/var/run/secrets/kubernetes.io")).rejects.toThrow(/No such file/);
    const environment = await exec("env");
    expect(environment).not.toContain(cluster.stack.secrets.modelKey);
    expect(environment).not.toMatch(/ocp_|KIMI|NANGO/);
  });

  test("answers a message through our proxy, and the ledger holds what the provider reported", async () => {
    expect(await ada.says("hello, cluster")).toContain("hello, cluster");
    const reported = cluster.stack.services.model.requests();
    const sum = (pick: (usage: { input: number; output: number }) => number) =>
      reported.reduce((total, { usage }) => total + pick(usage), 0);
    await until("the ledger to hold what the provider reported", async () => {
      const [month] = await cluster.stack.services.neon.query(
        "select requests::int, input_tokens::int, output_tokens::int from usage_monthly where customer_id = $1",
        [accepted.box.customer_id],
      );
      return (
        month?.requests === reported.length &&
        month.input_tokens === sum((usage) => usage.input) &&
        month.output_tokens === sum((usage) => usage.output)
      );
    });
  });
});

describe("what changes without a restart", () => {
  let before: Pod;
  const unchanged = async () => {
    const now = await thePod();
    expect(now.metadata.uid).toBe(before.metadata.uid);
    expect(now.status.containerStatuses?.[0]?.restartCount).toBe(before.status.containerStatuses?.[0]?.restartCount);
  };
  beforeAll(async () => {
    before = await thePod();
  });

  test("update: language, thinking and an own prompt are in effect within 3 s of the grant, in the same pod", async () => {
    const change = { language: "fr", thinking_level: "off", system_prompt: "Always sign as Q." } as const;
    const { job } = await cluster.operator.update(boxId, change);
    expect(await msUntilInEffect(job)).toBeLessThan(HOT_MS);
    await unchanged();
    const instructions = await exec("cat", "/data/workspace/AGENTS.md");
    expect(instructions).toContain("Speak French");
    expect(instructions).toContain("Always sign as Q.");
    expect(await ada.says("without thinking")).toContain("without thinking");
    const [asked] = cluster.stack.services.model.requests().slice(-1);
    // The stand-in thinks aloud in as many tokens as it answers; without thinking there are only those of the answer.
    expect(asked?.usage.output).toBeLessThan(20);
    await unchanged();
  });

  test("update_connections: the same way", async () => {
    // Connections aren't sold yet, so the job is written as their routes will: with the next generation, in one statement.
    // Long enough ago that the sweep takes it for one that no mailbox was told of.
    const [row] = await cluster.stack.services.neon.query(
      `with changed as (
         update boxes set generation = generation + 1 where id = $1 returning id, cluster_id, generation
       ) insert into operator_jobs (id, box_id, cluster_id, type, generation, requested_by, created_at)
       select gen_random_uuid(), id, cluster_id, 'update_connections', generation, 'suite', now() - interval '1 minute'
       from changed returning id`,
      [boxId],
    );
    await cluster.stack.edge.runCron();
    const job = await cluster.operator.succeeded(String(row?.id));
    expect(await msUntilInEffect(job)).toBeLessThan(HOT_MS);
    expect((await boxConfig()).generation).toBe(job.generation);
    await unchanged();
    expect(await ada.says("with connections")).toContain("with connections");
  });

  test("rotate_token: the new token is in effect, the old one dies after the overlap, the chat goes on", async () => {
    const old = (await boxConfig()).proxy.token;
    const [{ id: tokenId } = { id: "" }] = (await cluster.stack.services.neon.query(
      "select id from proxy_tokens where box_id = $1 and status = 'active'",
      [boxId],
    )) as { id: string }[];
    const status = async (token: string) => {
      const headers = { authorization: `Bearer ${token}` };
      return (await fetch(`${cluster.stack.url}/v1/models`, { headers })).status;
    };
    expect(await status(old)).toBe(200);
    const { job } = await cluster.operator.rotate(tokenId, 20);
    if (!job) throw new Error("a box's token is rotated by a job");
    expect(await msUntilInEffect(job)).toBeLessThan(HOT_MS);
    const fresh = (await boxConfig()).proxy.token;
    expect(fresh).not.toBe(old);
    expect([await status(old), await status(fresh)]).toEqual([200, 200]);
    expect(await ada.says("in the overlap")).toContain("in the overlap");
    await until("the old token to die", async () => (await status(old)) === 401, 60_000);
    expect(await ada.says("after the overlap")).toContain("after the overlap");
    await unchanged();
  });
});

describe("what changes by a new pod", () => {
  /** The job's end, and the one ready pod then, which is not one of those before it was asked for. */
  async function newPodBy(change: () => Promise<Accepted>): Promise<Pod> {
    const before = (await podsOf(namespace)).map(({ metadata }) => metadata.uid);
    await cluster.operator.succeeded((await change()).job.id, 240_000);
    const pod = await thePod();
    expect(before).not.toContain(pod.metadata.uid);
    return pod;
  }

  test("resize: the pod and its bounds have the other tier's limits", async () => {
    const pod = await newPodBy(() => cluster.operator.resize(boxId, "starter"));
    const { spec } = await kubectlJson<{ spec: { containers: { resources: unknown }[] } }>([
      ...["get", "pod", pod.metadata.name, "-n", namespace],
    ]);
    const { cpu, memory } = TIERS.starter;
    expect(spec.containers[0]?.resources).toMatchObject({
      requests: { cpu: `${cpu.requestMilli}m`, memory: `${memory.requestMi}Mi` },
      limits: { cpu: cpu.limitMilli === 1_000 ? "1" : `${cpu.limitMilli}m`, memory: `${memory.limitMi}Mi` },
    });
    const quota = await kubectlJson<{ spec: { hard: Record<string, string> } }>([
      ...["get", "resourcequota", "gateway", "-n", namespace],
    ]);
    expect(quota.spec.hard["limits.cpu"]).toBe("1100m");
    expect(await ada.says("smaller, and still there")).toContain("smaller, and still there");
  });

  test("restart: another pod with the same memory", async () => {
    await exec("sh", "-c", "echo remembered > /data/workspace/note.txt");
    await newPodBy(() => cluster.operator.change("restart", boxId));
    expect(await exec("cat", "/data/workspace/note.txt")).toBe("remembered\n");
    expect(await ada.says("awake again")).toContain("awake again");
  });

  test("suspend: no pod and no token, but the memory; reactivate: all is back", async () => {
    const { token } = (await boxConfig()).proxy;
    const { job } = await cluster.operator.change("suspend", boxId);
    await cluster.operator.succeeded(job.id);
    expect(await podsOf(namespace)).toEqual([]);
    expect((await kubectlJson<{ items: unknown[] }>(["get", "pvc", "-n", namespace])).items).toHaveLength(1);
    const refused = await fetch(`${cluster.stack.url}/v1/models`, { headers: { authorization: `Bearer ${token}` } });
    expect(refused.status).toBe(403);

    await newPodBy(() => cluster.operator.change("reactivate", boxId));
    expect(await exec("cat", "/data/workspace/note.txt")).toBe("remembered\n");
    expect(await ada.says("still there?")).toContain("still there?");
  });
});

describe("destroy", () => {
  test("leaves nothing", async () => {
    const { job } = await cluster.operator.change("destroy", boxId);
    await cluster.operator.succeeded(job.id);
    await expect(kubectl(["get", "namespace", namespace])).rejects.toThrow(/NotFound|not found/);
    expect(await cluster.operator.box(boxId)).toMatchObject({ status: "destroyed" });
  });

  test("no secret was logged on the way", () => {
    const everything = log.join("\n");
    expect(everything.length).toBeGreaterThan(1_000);
    expect(everything).not.toMatch(/ocp_[0-9A-Za-z]{20}/);
    expect(everything).not.toMatch(/\d{8,10}:[A-Za-z0-9_-]{35}/);
  });
});
