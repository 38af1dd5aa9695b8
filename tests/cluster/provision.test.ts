/** On a real cluster: a real pod of the real gateway, from the operator's call to the answered message, and back. */
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import type { AgentProcess } from "#cluster/local/agent.ts";
import type { Accepted } from "#schema/contracts/internal.ts";
import {
  type ClusterStack,
  isReady,
  kubectl,
  kubectlJson,
  podReady,
  podsOf,
  startClusterStack,
} from "#tests/harness/cluster.ts";
import { until } from "#tests/harness/until.ts";

let cluster: ClusterStack;
let agent: AgentProcess;
const log: string[] = [];

beforeAll(async () => {
  cluster = await startClusterStack(inject("bundle"));
  agent = cluster.startAgent((line) => log.push(line));
});

afterAll(async () => {
  await cluster.close();
});

let made = 0;
function newcomer() {
  made += 1;
  const bot = cluster.stack.services.telegram.createBot({ username: `cluster${made}_bot`, name: `Cluster ${made}` });
  return {
    bot,
    input: {
      customer_email: `cluster${made}@example.com`,
      telegram_bot_token: bot.token,
      telegram_user_id: 1001,
      tier: "starter",
    },
  };
}

async function chat(username: string, text: string): Promise<string> {
  const { telegram } = cluster.stack.services;
  const sent = telegram.sendAsUser({ userId: 1001, bot: username, text });
  const reply = await telegram.waitForReply({ userId: 1001, bot: username, after: sent.message_id, timeoutMs: 90_000 });
  return reply.text ?? "";
}

interface KubeObject {
  kind: string;
  metadata: { name: string; labels?: Record<string, string>; annotations?: Record<string, string> };
  spec?: Record<string, unknown>;
}

describe("a box on the cluster", () => {
  let accepted: Accepted;
  let namespace: string;
  const ada = { current: undefined as ReturnType<typeof newcomer> | undefined };

  test("is provisioned by one call", async () => {
    ada.current = newcomer();
    accepted = await cluster.operator.provision(ada.current.input);
    namespace = accepted.box.namespace;
    expect(namespace).toBe(`customer-${accepted.box.id}`);
    await podReady(namespace);
    const job = await cluster.operator.succeeded(accepted.job.id);
    expect(job.steps.map(({ step }) => step).length).toBeGreaterThan(2);
    expect(await cluster.operator.box(accepted.box.id)).toMatchObject({ status: "active", observed_generation: 1 });
  });

  test("has exactly the objects of a box, in a namespace that enforces the restricted standard", async () => {
    const { items } = await kubectlJson<{ items: KubeObject[] }>([
      "get",
      "resourcequota,limitrange,networkpolicy,secret,pvc,deployment,serviceaccount",
      "-n",
      namespace,
    ]);
    const ours = items
      .filter(({ metadata }) => metadata.annotations?.["fleet/fence"] !== undefined)
      .map(({ kind }) => kind);
    expect(ours.sort()).toEqual([
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

  test("its pod runs without root, without a service account's token, on a read-only root", async () => {
    const [pod] = await podsOf(namespace);
    const exec = (...command: string[]) =>
      kubectl(["exec", "-n", namespace, pod?.metadata.name ?? "", "--", ...command]);
    expect((await exec("id", "-u")).trim()).toBe("1000");
    await expect(exec("sh", "-c", "echo x > /usr/local/bin/x")).rejects.toThrow(/[Rr]ead-only file system/);
    await expect(exec("ls", "/var/run/secrets/kubernetes.io")).rejects.toThrow(/No such file/);
    const environment = await exec("env");
    expect(environment).not.toContain(cluster.stack.secrets.modelKey);
    expect(environment).not.toMatch(/ocp_|KIMI|NANGO/);
  });

  test("answers a message through our proxy", async () => {
    expect(await chat(ada.current?.bot.username ?? "", "hello, cluster")).toContain("hello, cluster");
    const reported = cluster.stack.services.model.requests();
    await until("the ledger to hold what the provider reported", async () => {
      const [month] = await cluster.stack.services.neon.query(
        "select requests::int, input_tokens::int, output_tokens::int from usage_monthly where customer_id = $1",
        [accepted.box.customer_id],
      );
      const sum = (pick: (usage: { input: number; output: number }) => number) =>
        reported.reduce((total, { usage }) => total + pick(usage), 0);
      return (
        month?.requests === reported.length &&
        month.input_tokens === sum((usage) => usage.input) &&
        month.output_tokens === sum((usage) => usage.output)
      );
    });
  });

  test("reaches the edge and nothing else: not its neighbours, the API server, nor the node", async () => {
    const other = newcomer();
    const neighbour = await cluster.operator.provision(other.input);
    await podReady(neighbour.box.namespace);
    const [pod] = await podsOf(namespace);
    const [target] = await kubectlJson<{ items: { status: { podIP: string; hostIP: string } }[] }>([
      "get",
      "pods",
      "-n",
      neighbour.box.namespace,
    ]).then(({ items }) => items);
    const { spec } = await kubectlJson<{ spec: { clusterIP: string } }>([
      "get",
      "service",
      "kubernetes",
      "-n",
      "default",
    ]);
    const edge = new URL(cluster.stack.url);
    const reach = async (host: string | undefined, port: number | string): Promise<string> => {
      const script = `const s=require("net").connect(${Number(port)},"${host}");s.setTimeout(2000,()=>{console.log("closed");process.exit()});s.on("connect",()=>{console.log("open");process.exit()});s.on("error",()=>{console.log("closed");process.exit()})`;
      return (await kubectl(["exec", "-n", namespace, pod?.metadata.name ?? "", "--", "node", "-e", script])).trim();
    };
    expect(await reach(edge.hostname, edge.port)).toBe("open");
    expect({
      neighbour: await reach(target?.status.podIP, 8080),
      apiServer: await reach(spec.clusterIP, 443),
      kubelet: await reach(target?.status.hostIP, 10250),
      metadata: await reach("169.254.169.254", 80),
      edgeOtherPort: await reach(edge.hostname, 22),
    }).toEqual({
      neighbour: "closed",
      apiServer: "closed",
      kubelet: "closed",
      metadata: "closed",
      edgeOtherPort: "closed",
    });
    const gone = await cluster.operator.change("destroy", neighbour.box.id);
    await cluster.operator.succeeded(gone.job.id);
  });

  test("suspended it has no pod but keeps its volume; reactivated it answers again", async () => {
    const { job } = await cluster.operator.change("suspend", accepted.box.id);
    await cluster.operator.succeeded(job.id);
    expect(await podsOf(namespace)).toEqual([]);
    expect((await kubectlJson<{ items: unknown[] }>(["get", "pvc", "-n", namespace])).items).toHaveLength(1);

    const back = await cluster.operator.change("reactivate", accepted.box.id);
    await cluster.operator.succeeded(back.job.id);
    expect((await podsOf(namespace)).filter(isReady)).toHaveLength(1);
    expect(await chat(ada.current?.bot.username ?? "", "still there?")).toContain("still there?");
  });

  test("destroyed it leaves nothing", async () => {
    const { job } = await cluster.operator.change("destroy", accepted.box.id);
    await cluster.operator.succeeded(job.id);
    await expect(kubectl(["get", "namespace", namespace])).rejects.toThrow(/NotFound|not found/);
    expect(await cluster.operator.box(accepted.box.id)).toMatchObject({ status: "destroyed" });
  });
});

describe("an agent that is killed", () => {
  /** Everything a box is made of, without what differs from box to box and from write to write. */
  async function objectsOf(namespace: string): Promise<unknown> {
    const { items } = await kubectlJson<{ items: KubeObject[] }>([
      "get",
      "resourcequota,limitrange,networkpolicy,pvc,deployment,serviceaccount",
      "-n",
      namespace,
    ]);
    const ours = items.filter(({ metadata }) => metadata.annotations?.["fleet/fence"] !== undefined);
    const text = JSON.stringify(
      ours.map(({ kind, metadata, spec }) => ({ kind, name: metadata.name, spec: withoutOwn(spec) })),
    );
    return JSON.parse(text.replaceAll(namespace, "customer").replaceAll(namespace.replace("customer-", ""), "id"));
  }
  const withoutOwn = (spec: Record<string, unknown> = {}) => {
    const { volumeName: _, ...rest } = spec;
    return rest;
  };

  test("in the middle of a provision ends, once it is started again, in the same objects and one valid token", async () => {
    const whole = newcomer();
    const clean = await cluster.operator.provision(whole.input);
    await cluster.operator.succeeded(clean.job.id);

    const cut = newcomer();
    const accepted = await cluster.operator.provision(cut.input);
    await until("the namespace to be there", () => kubectl(["get", "namespace", accepted.box.namespace]), 60_000);
    await agent.stop("SIGKILL");
    expect((await cluster.operator.job(accepted.job.id)).status).toBe("running");
    agent = cluster.startAgent((line) => log.push(line));
    await cluster.operator.succeeded(accepted.job.id, 240_000);
    await podReady(accepted.box.namespace);

    expect(await objectsOf(accepted.box.namespace)).toEqual(await objectsOf(clean.box.namespace));
    const tokens = await cluster.stack.services.neon.query("select status from proxy_tokens where box_id = $1", [
      accepted.box.id,
    ]);
    expect(tokens).toEqual([{ status: "active" }]);
    expect(await chat(cut.bot.username, "did you make it?")).toContain("did you make it?");
    for (const { box } of [clean, accepted]) {
      const { job } = await cluster.operator.change("destroy", box.id);
      await cluster.operator.succeeded(job.id);
    }
  });

  test("no secret was logged on the way", () => {
    const everything = log.join("\n");
    expect(everything.length).toBeGreaterThan(1_000);
    expect(everything).not.toMatch(/ocp_[0-9A-Za-z]{20}/);
    expect(everything).not.toMatch(/\d{8,10}:[A-Za-z0-9_-]{35}/);
  });
});
