/** The agent as a program that lives in the cluster: its image and manifests, two replicas, one leader. */
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import type { AgentProcess } from "#cluster/local/agent.ts";
import type { Accepted } from "#schema/contracts/internal.ts";
import { LEASE_MS } from "#schema/domain/jobs.ts";
import {
  type ClusterStack,
  isReady,
  kubectl,
  kubectlJson,
  podReady,
  startClusterStack,
} from "#tests/harness/cluster.ts";
import { agentPods, askAgent, deletePod, deployAgent, leader, removeAgent } from "#tests/harness/deployed-agent.ts";
import { namespaceExists } from "#tests/harness/kube-reads.ts";
import { type StandInKubelet, startStandInKubelet } from "#tests/harness/stand-in-kubelet.ts";
import { until } from "#tests/harness/until.ts";

let cluster: ClusterStack;
beforeAll(async () => {
  cluster = await startClusterStack(inject("bundle"));
  await deployAgent(cluster);
});
afterAll(async () => {
  await removeAgent();
  await cluster.close();
});

/** A gateway starts in seconds where it has a core, and in minutes where it has a tenth of one. */
const PATIENCE_MS = 270_000;
/** `DRAIN_SECONDS` as it is without a word. */
const DRAIN_MS = 50_000;

let made = 0;
function provision(): Promise<Accepted> {
  made += 1;
  const bot = cluster.stack.services.telegram.createBot({ username: `deployed${made}_bot`, name: "Deployed" });
  return cluster.operator.provision({
    customer_email: `deployed${made}@example.com`,
    telegram_bot_token: bot.token,
    telegram_user_id: 1001,
    tier: "starter",
  });
}

async function destroy({ box }: Accepted): Promise<void> {
  const { job } = await cluster.operator.change("destroy", box.id);
  await cluster.operator.succeeded(job.id);
}

const running = (jobId: string) =>
  until("the job to run", async () => (await cluster.operator.job(jobId)).status === "running", 60_000);
const metric = (text: string, series: string) =>
  Number(
    text
      .split("\n")
      .find((line) => line.startsWith(`${series} `))
      ?.slice(series.length),
  );

describe("two replicas from the image", () => {
  test("are ready, without root, on a read-only root, and one of them leads", async () => {
    const names = (await agentPods()).filter(isReady).map(({ metadata }) => metadata.name);
    const first = await until("a leader", leader);
    expect(names).toContain(first);
    for (const name of names) {
      const metrics = await askAgent(name, "/metrics");
      expect(metric(metrics, "fleet_agent_leader")).toBe(name === first ? 1 : 0);
      const socket = 'fleet_agent_mailbox_connected{transport="socket"}';
      expect(metric(metrics, socket)).toBe(name === first ? 1 : 0);
      expect(JSON.parse(await askAgent(name, "/readyz"))).toEqual({ status: "ok" });
      const probe =
        'console.log(process.getuid());try{require("fs").writeFileSync("/x","")}catch(e){console.log(e.code)}';
      expect(await kubectl(["exec", "-n", "fleet-system", name, "--", "node", "-e", probe])).toBe("1000\nEROFS\n");
    }
  });

  test("hold no right beyond boxes and their own lease", async () => {
    const can = (...question: string[]) =>
      kubectl(["auth", "can-i", "--as=system:serviceaccount:fleet-system:fleet-agent", ...question]).then(
        (answer) => answer.trim(),
        (refused: { stdout: string }) => refused.stdout.trim(),
      );
    expect(await can("update", "leases/fleet-agent", "-n", "fleet-system")).toBe("yes");
    expect(await can("update", "leases/other", "-n", "fleet-system")).toBe("no");
    expect(await can("update", "leases/fleet-agent", "-n", "kube-system")).toBe("no");
    expect(await can("get", "secrets", "-n", "fleet-system")).toBe("no");
    expect(await can("create", "pods/exec", "-n", "fleet-system")).toBe("no");
  });

  test("provision a box", async () => {
    const accepted = await provision();
    await cluster.operator.succeeded(accepted.job.id, PATIENCE_MS);
    await podReady(accepted.box.namespace);
    const metrics = await askAgent((await leader()) ?? "", "/metrics");
    expect(metrics).toContain('fleet_agent_jobs_total{type="provision",outcome="succeeded"} 1');
    expect(metrics).not.toContain(accepted.box.id);
    await destroy(accepted);
  });

  test("a leader that is asked to go lets the other one begin within seconds, and ends the job it has", async () => {
    const before = (await leader()) ?? "";
    const accepted = await provision();
    await running(accepted.job.id);
    const since = performance.now();
    await deletePod(before);
    const after = await until("the next leader", async () => {
      const now = await leader();
      return now !== before && now;
    });
    expect(performance.now() - since).toBeLessThan(10_000);
    expect((await agentPods()).map(({ metadata }) => metadata.name)).toContain(after);
    const job = await cluster.operator.succeeded(accepted.job.id, PATIENCE_MS);
    // A job that can't end in a pod's grace period is requeued, and becomes another agent's second attempt.
    expect(job.attempt).toBeLessThanOrEqual(performance.now() - since < DRAIN_MS ? 1 : 2);
    await destroy(accepted);
    await until("two agents again", async () => (await agentPods()).filter(isReady).length === 2, 60_000);
  });
});

/** What is asked here is who writes the box, so its pod is ready when the test says so. */
describe("a leader that goes without a word", () => {
  let kubelet: StandInKubelet;
  const log: Record<string, string[]> = { a: [], b: [] };
  let a: AgentProcess;
  let b: AgentProcess;
  const holder = (name: string, timeoutMs = 30_000) =>
    until(`${name} to lead`, async () => (await leader()) === name, timeoutMs);
  const start = (name: "a" | "b") =>
    cluster.stack.startFleetAgent(
      {
        ...cluster.agentEnv,
        AGENT_INSTANCE: name,
        LEADER_LEASE: "fleet-system/fleet-agent",
        RUNTIME_CLASS: kubelet.runtimeClass,
      },
      (line) => log[name]?.push(line),
    );

  // A pod can't be killed from outside without a word to its program; a process can.
  beforeAll(async () => {
    [kubelet] = await Promise.all([startStandInKubelet(), removeAgent()]);
    a = start("a");
    await holder("a", 60_000);
    b = start("b");
    await until("b to stand by", () => log.b?.some((line) => line.includes("standing by")));
  });
  afterAll(async () => {
    await Promise.all([a?.stop(), b?.stop(), kubelet?.close()]);
  });

  test("killed, it is replaced as soon as its lease is over, and its job goes on at once", async () => {
    const takenOver = Promise.withResolvers<void>();
    kubelet.after = takenOver.promise;
    const accepted = await provision();
    await until("the namespace", () => namespaceExists(accepted.box.namespace), 60_000);
    await a.stop("SIGKILL");
    const since = performance.now();
    await holder("b");
    const leads = performance.now() - since;
    const attempt = await until("the job's next grant", async () => {
      const job = await cluster.operator.job(accepted.job.id);
      return job.attempt > 1 && job.attempt;
    });
    const granted = performance.now() - since;
    takenOver.resolve();
    await cluster.operator.succeeded(accepted.job.id, PATIENCE_MS);
    await podReady(accepted.box.namespace);
    console.log(
      `killed → led by another after ${Math.round(leads)} ms, its job granted after ${Math.round(granted)} ms`,
    );
    expect(leads).toBeLessThan(20_000);
    expect(granted).toBeLessThan(LEASE_MS / 2);
    expect(attempt).toBe(2);
    await destroy(accepted);
  });

  test("paused and woken, it writes nothing more, stands by again, and the box is what the other one made it", async () => {
    a = start("a");
    await until("a to stand by", () => log.a?.at(-1)?.includes("standing by"));
    const takenOver = Promise.withResolvers<void>();
    kubelet.after = takenOver.promise;
    const accepted = await provision();
    await until("the namespace", () => namespaceExists(accepted.box.namespace), 60_000);
    process.kill(b.pid, "SIGSTOP");
    try {
      await holder("a");
      takenOver.resolve();
      await cluster.operator.succeeded(accepted.job.id, PATIENCE_MS);
    } finally {
      process.kill(b.pid, "SIGCONT");
    }
    await until("b to notice", () => log.b?.some((line) => line.includes("no longer leads")));
    await until("b to stand by again", () => log.b?.at(-1)?.includes("standing by"));
    expect(await leader()).toBe("a");
    const fences = await kubectlJson<{ items: { metadata: { annotations?: Record<string, string> } }[] }>([
      "get",
      "deployment,networkpolicy,resourcequota,secret,pvc",
      "-n",
      accepted.box.namespace,
    ]);
    const ours = fences.items.flatMap(({ metadata }) => metadata.annotations?.["fleet/fence"] ?? []);
    expect(new Set(ours).size).toBe(1);
    expect((await cluster.operator.job(accepted.job.id)).status).toBe("succeeded");
    await destroy(accepted);
  });
});
