import type { Box } from "#schema/contracts/internal.ts";
import { NAME } from "../../../drivers/desired/metadata.ts";
import type { KubeClient } from "../../../drivers/kube/kube-client.ts";
import { KubeError } from "../../../drivers/kube/kube-error.ts";
import { podsPath } from "../../../drivers/kube/resource-path.ts";
import { POD_SELECTOR } from "../../../drivers/kube/touch-pods.ts";
import { PodList, type PodView } from "../../../drivers/kube/views.ts";
import { CommandError, EXIT } from "../exit-codes.ts";
import type { Terminal } from "../terminal.ts";
import type { LogOptions } from "./logs.ts";

/** The log of a box's newest pod, line by line; with `follow` until the pod ends or the person has seen enough. */
export async function podLog(
  client: KubeClient,
  box: Box,
  options: LogOptions,
  print: (line: string) => void,
  terminal: Terminal,
): Promise<void> {
  const pod = await newestPod(client, box);
  const signal = terminal.interrupt;
  const path = `${podsPath(box.namespace)}/${pod.metadata.name}/log`;
  try {
    for await (const line of client.lines({ method: "GET", path, query: queryOf(options), signal })) print(line);
  } catch (error) {
    if (signal.aborted) return;
    throw inWords(error, pod);
  }
  if (options.follow) terminal.tell(`The log of ${pod.metadata.name} has ended.`);
}

async function newestPod(client: KubeClient, box: Box): Promise<PodView> {
  const query = { labelSelector: POD_SELECTOR };
  const { items } = PodList.parse(await client.json({ method: "GET", path: podsPath(box.namespace), query }));
  const made = (pod: PodView) => Date.parse(pod.metadata.creationTimestamp ?? "") || 0;
  const [pod] = items.toSorted((a, b) => made(b) - made(a));
  if (pod) return pod;
  const words = `This box is ${box.status}: it has no pod in this cluster. \`fleet-agent jobs list --box ${box.id}\` says why.`;
  throw new CommandError(EXIT.notFound, words);
}

function queryOf({ follow, tail, since, previous }: LogOptions): Record<string, string> {
  return {
    container: NAME,
    tailLines: String(tail),
    ...(follow && { follow: "true" }),
    ...(previous && { previous: "true" }),
    ...(since !== undefined && { sinceSeconds: String(Math.max(1, Math.round(since / 1_000))) }),
  };
}

/** A container that has not started yet has no log, which the API server calls a bad request. */
function inWords(error: unknown, pod: PodView): unknown {
  if (!(error instanceof KubeError) || error.status !== 400) return error;
  const [container] = pod.status.containerStatuses;
  const why = container?.state?.waiting?.reason ?? pod.status.phase ?? "not started";
  return new CommandError(EXIT.failed, `${pod.metadata.name} has no such log (${why}): ${error.message}`, error);
}
