/**
 * Pods that are ready at once: no node takes those of this class, and this says of each that it runs. For suites that ask
 * what an agent writes into a cluster, not what its boxes do.
 */
import { randomUUID } from "node:crypto";
import { KubeConfig } from "@kubernetes/client-node";
import * as z from "zod";
import { follow } from "#fleet-agent/drivers/kube/follow.ts";
import { connectKube, type KubeClient } from "#fleet-agent/drivers/kube/kube-client.ts";
import { addRuntimeClass } from "./runtime-class.ts";

const POD = z.object({
  metadata: z.object({
    uid: z.string(),
    name: z.string(),
    namespace: z.string(),
    resourceVersion: z.string(),
    deletionTimestamp: z.string().optional(),
  }),
  spec: z.object({
    nodeName: z.string().optional(),
    runtimeClassName: z.string().optional(),
    containers: z.array(z.object({ name: z.string() })),
  }),
  status: z.object({ phase: z.string().optional() }),
});
type Pod = z.infer<typeof POD>;

export interface StandInKubelet {
  /** Of the pods that are its own: RUNTIME_CLASS of their agent. */
  runtimeClass: string;
  /** The cluster with an administrator's rights. */
  client: KubeClient;
  /** Why containers of new pods don't start, in the kubelet's word; undefined: they do. */
  waiting: string | undefined;
  /** Containers of new pods start when this resolves; undefined: at once. */
  after: Promise<unknown> | undefined;
  close(): Promise<void>;
}

export async function startStandInKubelet(): Promise<StandInKubelet> {
  const config = new KubeConfig();
  config.loadFromDefault();
  const client = await connectKube(config);
  const runtimeClass = `stand-in-${randomUUID().slice(0, 8)}`;
  const removeClass = await addRuntimeClass(runtimeClass, { nodeSelector: { "suite/kubelet": runtimeClass } });
  const stopping = new AbortController();
  const told = new Set<string>();
  const kubelet: StandInKubelet = {
    client,
    runtimeClass,
    waiting: undefined,
    after: undefined,
    async close() {
      stopping.abort();
      await following;
      await removeClass();
      await client.close();
    },
  };
  const following = follow({
    client,
    path: "/api/v1/pods",
    labelSelector: "app=openclaw-gateway",
    view: POD,
    signal: stopping.signal,
    changed: (pods) => {
      const own = [...pods.values()].filter(({ spec }) => spec.runtimeClassName === runtimeClass);
      for (const pod of own) if (!told.has(pod.metadata.uid) && isWaiting(pod)) void tell(kubelet, pod, told);
    },
  });
  return kubelet;
}

const isWaiting = ({ metadata, spec, status }: Pod): boolean =>
  spec.nodeName === undefined && metadata.deletionTimestamp === undefined && status.phase === "Pending";

async function tell(kubelet: StandInKubelet, pod: Pod, told: Set<string>): Promise<void> {
  const { client, waiting } = kubelet;
  const { uid, namespace, name } = pod.metadata;
  told.add(uid);
  await kubelet.after;
  await client
    .json({
      method: "PATCH",
      path: `/api/v1/namespaces/${namespace}/pods/${name}/status`,
      contentType: "application/merge-patch+json",
      body: { status: waiting === undefined ? running(pod) : notStarted(pod, waiting) },
    })
    // It was deleted meanwhile, or is updated at its next change.
    .catch(() => told.delete(uid));
}

const NEW = { restartCount: 0, image: "", imageID: "" };

function running({ spec }: Pod): object {
  const at = new Date().toISOString();
  const condition = (type: string) => ({ type, status: "True", lastTransitionTime: at });
  return {
    phase: "Running",
    startTime: at,
    conditions: ["PodScheduled", "Initialized", "ContainersReady", "Ready"].map(condition),
    containerStatuses: spec.containers.map(({ name }) => ({
      ...NEW,
      name,
      ready: true,
      started: true,
      state: { running: { startedAt: at } },
    })),
  };
}

const notStarted = ({ spec }: Pod, reason: string): object => ({
  conditions: [{ type: "PodScheduled", status: "True", lastTransitionTime: new Date().toISOString() }],
  containerStatuses: spec.containers.map(({ name }) => ({
    ...NEW,
    name,
    ready: false,
    started: false,
    state: { waiting: { reason, message: "said by the test" } },
  })),
});
