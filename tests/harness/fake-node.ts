/**
 * Machines that a test can lose: nodes without a kubelet, whose heartbeats this sends, and of whose pods it says that they
 * run. They take pods of the class that is named like them, which run nowhere else. What the cluster does when the heartbeats end is the cluster's own.
 */
import { KubeConfig } from "@kubernetes/client-node";
import * as z from "zod";
import { follow } from "#fleet-agent/drivers/kube/follow.ts";
import { connectKube, type KubeClient } from "#fleet-agent/drivers/kube/kube-client.ts";
import { kubectl } from "./cluster.ts";
import { addRuntimeClass } from "./runtime-class.ts";

const HEARTBEAT_MS = 3_000;

export const SeenPod = z.object({
  metadata: z.object({
    uid: z.string(),
    name: z.string(),
    namespace: z.string(),
    deletionTimestamp: z.string().optional(),
  }),
  spec: z.object({ nodeName: z.string().optional(), containers: z.array(z.object({ name: z.string() })) }),
  status: z.object({
    phase: z.string().optional(),
    conditions: z.array(z.object({ type: z.string(), status: z.string() })).default([]),
  }),
});
export type SeenPod = z.infer<typeof SeenPod>;

export interface FakeNodes {
  /** Ends a node's heartbeats; its pods are as they are. */
  lose(name: string): void;
  /** From now on its heartbeats report not ready; its kubelet runs and ends evicted pods. */
  sicken(name: string): void;
  /** Sends them again, that it is well, and says again that its pods run. */
  find(name: string): void;
  /** Gateway pods, as the API server knows them now. */
  pods(): SeenPod[];
  /** The most gateway pods of a namespace that were on nodes at once, those on their way out included. */
  mostAtOnce(namespace: string): number;
  close(): Promise<void>;
}

/** @param kind names the nodes' class: RUNTIME_CLASS of the agent whose boxes they take. */
export async function startFakeNodes(kind: string, names: readonly string[]): Promise<FakeNodes> {
  const config = new KubeConfig();
  config.loadFromDefault();
  const client = await connectKube(config);
  const stopping = new AbortController();
  const lost = new Set<string>();
  const sick = new Set<string>();
  const most = new Map<string, number>();
  let seen: ReadonlyMap<string, SeenPod> = new Map();
  const removeClass = await addRuntimeClass(kind, {
    nodeSelector: { [KIND]: kind },
    tolerations: [{ key: KIND, value: kind, operator: "Equal", effect: "NoSchedule" }],
  });
  for (const name of names) await kubectl(["apply", "-f", "-"], JSON.stringify(nodeObject(name, kind)));
  const beat = () =>
    Promise.all(names.filter((name) => !lost.has(name)).map((name) => heartbeat(client, name, !sick.has(name))));
  await beat();
  const beating = setInterval(() => void beat().catch(() => undefined), HEARTBEAT_MS);

  const tend = () => {
    for (const pod of seen.values()) {
      const { nodeName } = pod.spec;
      if (!nodeName || !names.includes(nodeName) || lost.has(nodeName)) continue;
      if (pod.metadata.deletionTimestamp) void endPod(client, pod).catch(() => undefined);
      else if (!sick.has(nodeName)) void runPod(client, pod).catch(() => undefined);
    }
  };
  const following = follow({
    client,
    path: "/api/v1/pods",
    labelSelector: "app=openclaw-gateway",
    view: SeenPod,
    signal: stopping.signal,
    changed: (pods) => {
      seen = new Map(pods);
      for (const [namespace, own] of Map.groupBy(seen.values(), ({ metadata }) => metadata.namespace)) {
        const placed = own.filter(({ spec }) => spec.nodeName !== undefined);
        most.set(namespace, Math.max(most.get(namespace) ?? 0, placed.length));
      }
      tend();
    },
  });
  return {
    lose: (name) => void lost.add(name),
    sicken: (name) => {
      sick.add(name);
      void beat();
    },
    find: (name) => {
      lost.delete(name);
      sick.delete(name);
      void beat().then(tend);
    },
    pods: () => [...seen.values()],
    mostAtOnce: (namespace) => most.get(namespace) ?? 0,
    async close() {
      clearInterval(beating);
      stopping.abort();
      await following;
      for (const name of names) await kubectl(["delete", "node", name, "--ignore-not-found"]);
      await removeClass();
      await client.close();
    },
  };
}

const KIND = "suite/fake-node";

const nodeObject = (name: string, kind: string) => ({
  apiVersion: "v1",
  kind: "Node",
  metadata: { name, labels: { "kubernetes.io/hostname": name, "kubernetes.io/os": "linux", [KIND]: kind } },
  spec: { taints: [{ key: KIND, value: kind, effect: "NoSchedule" }] },
});

async function heartbeat(client: KubeClient, name: string, ready: boolean): Promise<void> {
  const at = new Date().toISOString();
  const capacity = { cpu: "8", memory: "32Gi", pods: "110", "ephemeral-storage": "100Gi" };
  const said = ready ? { status: "True", reason: "KubeletReady" } : { status: "False", reason: "KubeletNotReady" };
  const conditions = [{ type: "Ready", ...said, lastHeartbeatTime: at }];
  await client.json({
    method: "PATCH",
    path: `/api/v1/nodes/${name}/status`,
    contentType: "application/strategic-merge-patch+json",
    body: { status: { capacity, allocatable: capacity, conditions } },
  });
}

const pathOf = ({ metadata }: SeenPod): string => `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}`;

async function endPod(client: KubeClient, pod: SeenPod): Promise<void> {
  const preconditions = { uid: pod.metadata.uid };
  const body = { kind: "DeleteOptions", apiVersion: "v1", gracePeriodSeconds: 0, preconditions };
  await client.json({ method: "DELETE", path: pathOf(pod), body });
}

/** What a kubelet does with a pod: says that it runs. */
async function runPod(client: KubeClient, pod: SeenPod): Promise<void> {
  const { spec, status } = pod;
  if (status.conditions.some(({ type, status: value }) => type === "Ready" && value === "True")) return;
  const at = new Date().toISOString();
  const conditions = ["Initialized", "ContainersReady", "Ready"].map((type) => ({
    type,
    status: "True",
    lastTransitionTime: at,
  }));
  const running = {
    ready: true,
    started: true,
    restartCount: 0,
    image: "",
    imageID: "",
    state: { running: { startedAt: at } },
  };
  const containerStatuses = spec.containers.map(({ name }) => ({ name, ...running }));
  await client.json({
    method: "PATCH",
    path: `${pathOf(pod)}/status`,
    contentType: "application/strategic-merge-patch+json",
    body: { status: { phase: "Running", startTime: at, conditions, containerStatuses } },
  });
}
