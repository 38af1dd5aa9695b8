import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { REPOSITORY } from "#cluster/local/repository.ts";
import { CLUSTER_ID } from "#cluster/local/stack.ts";
import { podsPath } from "#fleet-agent/drivers/kube/resource-path.ts";
import { type ClusterStack, isReady, kubectl, type Pod } from "./cluster.ts";
import { readKube } from "./kube-reads.ts";
import { until } from "./until.ts";

const NAMESPACE = "fleet-system";
const LEASE = `/apis/coordination.k8s.io/v1/namespaces/${NAMESPACE}/leases/fleet-agent`;
const SELECTOR = "app.kubernetes.io/name=fleet-agent";

/** Applies the manifests as an operator does, by an overlay of this stack's settings; resolves when two pods are ready. */
export async function deployAgent(cluster: ClusterStack): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "openclaw-cloud-overlay-"));
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "key.json"), JSON.stringify(cluster.stack.secrets.agentKey), { mode: 0o600 });
    await writeFile(join(folder, "kustomization.yaml"), JSON.stringify(overlay(folder, cluster)));
    await kubectl(["apply", "-k", folder]);
    await until("two agents to be ready", async () => (await agentPods()).filter(isReady).length === 2, 120_000);
  } catch (error) {
    throw new Error(`the agent could not be deployed\n${await whatPodsSay()}`, { cause: error });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The image is that of AGENT_IMAGE, imported into the cluster beforehand. */
function agentImage(): { newName: string; newTag: string } {
  const { AGENT_IMAGE: image = "" } = process.env;
  const [, newName, newTag] = /^(.+):([^:/]+)$/.exec(image) ?? [];
  if (!newName || !newTag)
    throw new Error("AGENT_IMAGE must name the agent's image: npm run image -- --agent --tag NAME:TAG");
  return { newName, newTag };
}

function overlay(folder: string, { stack, agentEnv }: ClusterStack): object {
  // A pod has its own way to the cluster, its own name and nowhere to write.
  const { KUBECONFIG: _, AGENT_INSTANCE: __, NODE_COMPILE_CACHE: ___, ...settings } = agentEnv;
  const values = { EDGE_URL: stack.url, CLUSTER_ID, ...settings };
  const edge = new URL(stack.url);
  const rule = {
    to: [{ ipBlock: { cidr: `${edge.hostname}/32` } }],
    ports: [{ protocol: "TCP", port: Number(edge.port) }],
  };
  return {
    apiVersion: "kustomize.config.k8s.io/v1beta1",
    kind: "Kustomization",
    resources: [relative(folder, join(REPOSITORY, "cluster/manifests"))],
    images: [{ name: "fleet-agent", ...agentImage() }],
    configMapGenerator: [
      {
        name: "fleet-agent-settings",
        namespace: NAMESPACE,
        behavior: "merge",
        literals: Object.entries(values).map(([name, value]) => `${name}=${value}`),
      },
    ],
    secretGenerator: [
      {
        name: "fleet-agent-key",
        namespace: NAMESPACE,
        files: ["key.json"],
        options: { disableNameSuffixHash: true },
      },
    ],
    // A production edge is at 443; this one is wherever a port was free.
    patches: [
      {
        target: { kind: "NetworkPolicy", name: "fleet-agent" },
        patch: JSON.stringify([{ op: "add", path: "/spec/egress/-", value: rule }]),
      },
    ],
  };
}

export const agentPods = async (): Promise<Pod[]> =>
  (await readKube<{ items: Pod[] }>(podsPath(NAMESPACE), { labelSelector: SELECTOR })).items;

/** The pod, or whatever name, that holds the Lease. */
export async function leader(): Promise<string | undefined> {
  const lease = await readKube<{ spec: { holderIdentity?: string } }>(LEASE);
  return lease.spec.holderIdentity?.split("_")[0] || undefined;
}

/** Asks a pod's own server, from inside: its network policy lets nobody else in. */
export async function askAgent(pod: string, path: string): Promise<string> {
  const script = `fetch("http://127.0.0.1:9464${path}").then((r) => r.text()).then(console.log)`;
  return kubectl(["exec", "-n", NAMESPACE, pod, "--", "node", "-e", script]);
}

export const deletePod = (name: string, ...more: string[]): Promise<string> =>
  kubectl(["delete", "pod", name, "-n", NAMESPACE, "--wait=false", ...more]);

/** Resolves when no pod of the agent is left. */
export async function removeAgent(): Promise<void> {
  await kubectl(["delete", "deployment", "fleet-agent", "-n", NAMESPACE, "--ignore-not-found"]);
  await until("the agents to be gone", async () => (await agentPods()).length === 0, 120_000);
}

async function whatPodsSay(): Promise<string> {
  const commands = [
    ["describe", "pods", "-n", NAMESPACE],
    ["logs", "-n", NAMESPACE, "-l", SELECTOR, "--tail=20", "--prefix"],
  ];
  const said = commands.map((command) => kubectl(command).catch((error: Error) => error.message));
  return (await Promise.all(said)).join("\n").slice(-6_000);
}
