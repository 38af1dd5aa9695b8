import { KubeConfig } from "@kubernetes/client-node";
import { follow } from "#fleet-agent/drivers/kube/follow.ts";
import { connectKube } from "#fleet-agent/drivers/kube/kube-client.ts";
import { isReady, phaseOf } from "#fleet-agent/drivers/kube/pod-phase.ts";
import { podTrouble } from "#fleet-agent/drivers/kube/pod-trouble.ts";
import { POD_SELECTOR } from "#fleet-agent/drivers/kube/touch-pods.ts";
import { PodView } from "#fleet-agent/drivers/kube/views.ts";
import { until } from "#tests/harness/until.ts";

/** When pods of boxes became Ready, by one watch: asking again and again would cost the CPU that they start with. */
export interface ReadyPods {
  /** The moment (ms, performance clock) at which the namespace's pod was seen Ready; the error says what it was doing instead. */
  when(namespace: string, timeoutMs: number): Promise<number>;
  /** The progress of the namespace's pod, in words. */
  stateOf(namespace: string): string;
  close(): Promise<void>;
}

/** Restarts the watch whenever the API server ends it, which it does within the hour. */
export async function watchReadyPods(): Promise<ReadyPods> {
  const config = new KubeConfig();
  config.loadFromDefault();
  const client = await connectKube(config);
  const stopping = new AbortController();
  const readyAt = new Map<string, number>();
  let pods: PodView[] = [];
  const following = follow({
    client,
    path: "/api/v1/pods",
    labelSelector: POD_SELECTOR,
    view: PodView,
    signal: stopping.signal,
    changed: (all) => {
      pods = [...all.values()];
      for (const { metadata } of pods.filter(isReady)) {
        const namespace = metadata.namespace ?? "";
        if (!readyAt.has(namespace)) readyAt.set(namespace, performance.now());
      }
    },
  });
  const stateOf = (namespace: string) => wordsOf(pods.filter(({ metadata }) => metadata.namespace === namespace));
  return {
    stateOf,
    when: (namespace, timeoutMs) =>
      until("the pod to be Ready", () => readyAt.get(namespace), timeoutMs).catch(() => {
        throw new Error(`the pod was not Ready within ${timeoutMs / 1_000} s: ${stateOf(namespace)}`);
      }),
    async close() {
      stopping.abort();
      await following;
      await client.close();
    },
  };
}

function wordsOf(pods: PodView[]): string {
  const trouble = pods.map(podTrouble).find((one) => one !== undefined);
  return trouble?.failure.message ?? phaseOf(pods);
}
