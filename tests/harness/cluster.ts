import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { AgentProcess } from "#cluster/local/agent.ts";
import { readLocalConfig } from "#cluster/local/config.ts";
import { REPOSITORY } from "#cluster/local/repository.ts";
import { type Stack, type StackOptions, startStack } from "#cluster/local/stack.ts";
import { podsPath } from "#fleet-agent/drivers/kube/resource-path.ts";
import { namespaceOf } from "#schema/domain/ids.ts";
import { readKube } from "./kube-reads.ts";
import { Operator } from "./operator.ts";
import { until } from "./until.ts";

const run = promisify(execFile);

/** The suite's settings: the cluster, the image, and the address by which pods reach this machine. */
function settings(): { kubeconfig: string; image: string; host: string } {
  const { KUBECONFIG: kubeconfig, GATEWAY_IMAGE: image, EDGE_HOST: host } = process.env;
  if (!kubeconfig || !image || !host) {
    throw new Error(
      "The cluster suite needs KUBECONFIG, GATEWAY_IMAGE (npm run image) and EDGE_HOST (an address of this machine that pods can reach).",
    );
  }
  return { kubeconfig, image, host };
}

/** kubectl with an administrator's rights: the observer, never the one who provisions. */
export async function kubectl(args: string[], input?: string): Promise<string> {
  const child = run("kubectl", args, { maxBuffer: 16 << 20 });
  if (input !== undefined) child.child.stdin?.end(input);
  return (await child).stdout;
}

/**
 * The same by the door for emergencies (cluster/manifests/admission/creators.yaml): makes in boxes' namespaces what only the
 * fleet-agent makes there.
 */
export const kubectlByForce = (args: string[], input?: string): Promise<string> =>
  kubectl(["--as=administrator", "--as-group=system:masters", "--as-group=fleet:break-glass", ...args], input);

export async function kubectlJson<T>(args: string[]): Promise<T> {
  return JSON.parse(await kubectl([...args, "-o", "json"])) as T;
}

/** What a cluster needs before a fleet-agent works in it; returns once the API server goes by all of it. Not by two at a time. */
export async function applyManifests(image = settings().image): Promise<void> {
  const manifests = join(REPOSITORY, "cluster/manifests");
  await kubectl(["apply", "-f", join(manifests, "rbac.yaml")]);
  await kubectl(["apply", "-f", "-"], JSON.stringify(gatewayImages(image)));
  await kubectl(["apply", "-f", join(manifests, "admission")]);
  const asAgent = ["--as", "system:serviceaccount:fleet-system:fleet-agent", "--dry-run=server"];
  await until("the admission policies to be in force", () =>
    kubectl(["create", "namespace", "not-a-box", ...asAgent]).then(
      () => false,
      ({ stderr }: { stderr?: string }) => stderr?.includes("namespaces of boxes only"),
    ),
  );
}

/** Which images boxes run: of this one's repository, and by any tag, since no registry has given it a digest. */
function gatewayImages(image: string): object {
  const [repositories] = image.split(/:[^/]*$|@/);
  const metadata = { name: "fleet-images", namespace: "fleet-system" };
  return { apiVersion: "v1", kind: "ConfigMap", metadata, data: { repositories, tags: "allowed" } };
}

/**
 * Whether boxes wait for their network policy. EGRESS_GATE says it; without a word the cluster is asked whether it has
 * something that enforces policies (Cilium, Calico, K3s' own).
 */
export async function egressGate(): Promise<"on" | "off"> {
  const { EGRESS_GATE: told } = process.env;
  if (told === "on" || told === "off") return told;
  const plugins = await kubectl(["get", "crd", "-o", "name"]);
  const nodes = await kubectl(["get", "nodes", "-o", "jsonpath={.items[*].status.nodeInfo.kubeletVersion}"]);
  if (/\.(cilium\.io|crd\.projectcalico\.org)$/m.test(plugins) || nodes.includes("+k3s")) return "on";
  console.warn("This cluster enforces no network policies: boxes start without waiting for theirs (EGRESS_GATE=off).");
  return "off";
}

export interface Condition {
  type: string;
  status: string;
}
export interface Pod {
  metadata: { name: string; uid: string; labels: Record<string, string> };
  status: { phase: string; conditions?: Condition[]; containerStatuses?: { restartCount: number }[] };
}

export const podsOf = async (namespace: string): Promise<Pod[]> =>
  (await readKube<{ items: Pod[] }>(podsPath(namespace))).items;

export const isReady = (pod: Pod): boolean =>
  pod.status.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false;

/** When the namespace's one pod was first seen Ready (ms, performance clock). */
export const podReady = (namespace: string, timeoutMs = 180_000): Promise<number> =>
  until(
    `the pod in ${namespace} to be Ready`,
    async () => (await podsOf(namespace)).some(isReady) && performance.now(),
    timeoutMs,
  );

export interface ClusterStack {
  stack: Stack;
  operator: Operator;
  /**
   * The environment of an agent that works on the cluster with its own service account, not as administrator. A suite starts
   * two hundred agents and commands with it, so Node keeps what it has compiled of them.
   */
  agentEnv: Record<string, string>;
  startAgent(onLog?: (line: string) => void): AgentProcess;
  close(): Promise<void>;
}

export interface ClusterOptions extends Pick<StackOptions, "vars" | "onEdgeLog"> {
  /** More of the agent's environment. */
  settings?: Record<string, string>;
}

/**
 * The product with its edge on an address that pods reach, and a fleet-agent that has only the rights of its manifest. Several
 * may be on a cluster at once: each knows its own boxes, and at its end it removes them. Needs `applyManifests`.
 */
export async function startClusterStack(bundle: string, options: ClusterOptions = {}): Promise<ClusterStack> {
  const { kubeconfig, image, host } = settings();
  const folder = await mkdtemp(join(tmpdir(), "openclaw-cloud-cluster-"));
  const stack = await startStack({ bundle, config: readLocalConfig({ PORT: "0", HOST: host }), ...options });
  const agentEnv = {
    DRIVER: "kube",
    // One agent at a time, started again where it was killed: as in a pod.
    AGENT_INSTANCE: "cluster-suite",
    KUBECONFIG: await agentKubeconfig(kubeconfig, folder),
    GATEWAY_IMAGE: image,
    IMAGE_PULL_POLICY: "Never",
    EGRESS_GATE: await egressGate(),
    EDGE_CIDRS: JSON.stringify([destination(host, stack.url)]),
    TELEGRAM_CIDRS: JSON.stringify([destination(host, stack.services.urls.telegram)]),
    NODE_COMPILE_CACHE: join(REPOSITORY, "node_modules/.cache/fleet-agent"),
    ...options.settings,
  };
  return {
    stack,
    operator: new Operator(stack.url, stack.secrets.operatorKey),
    agentEnv,
    startAgent: (onLog) => stack.startFleetAgent(agentEnv, onLog),
    async close() {
      const boxes = await stack.services.neon.query<{ id: string }>("select id from boxes");
      await stack.close();
      await removeNamespaces(boxes.map(({ id }) => namespaceOf(id)));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Waits for nothing. */
export async function removeNamespaces(names: readonly string[]): Promise<void> {
  if (names.length > 0) await kubectl(["delete", "namespace", ...names, "--ignore-not-found", "--wait=false"]);
}

const destination = (host: string, url: string) => ({ cidr: `${host}/32`, port: Number(new URL(url).port) });

/** A kubeconfig of the agent's service account, with a token that outlives an hour's soak. */
export async function agentKubeconfig(admin: string, folder: string): Promise<string> {
  const token = (await kubectl(["create", "token", "fleet-agent", "-n", "fleet-system", "--duration", "3h"])).trim();
  const { clusters } = JSON.parse(await kubectl(["config", "view", "--raw", "-o", "json"])) as { clusters: unknown[] };
  const cluster = clusters[0] as { name: string };
  const file = join(folder, "agent.kubeconfig");
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [cluster],
    users: [{ name: "fleet-agent", user: { token } }],
    contexts: [{ name: "fleet", context: { cluster: cluster.name, user: "fleet-agent" } }],
    "current-context": "fleet",
  };
  await writeFile(file, JSON.stringify(config), { mode: 0o600 });
  await readFile(admin, "utf8"); // names the file where it can't be read, before anything is made
  return file;
}
