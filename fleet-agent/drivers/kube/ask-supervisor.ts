import { type Readiness, readReadiness } from "../readiness.ts";
import type { KubeClient } from "./kube-client.ts";
import { podsPath } from "./resource-path.ts";

/** Of the supervisor's probes: see desired/container.ts. */
const PORT = 8_080;
const TIMEOUT_MS = 3_000;

export interface PodName {
  namespace: string;
  name: string;
}

/**
 * What the supervisor in a pod says of its box: more than the pod's conditions, which know ready and not ready. Asked
 * through the API server, because a box's network policy lets nobody in. Undefined where it does not answer: an image
 * older than this question, an API server that can't reach the node, or rights of an older version.
 */
export async function askSupervisor(
  client: KubeClient,
  { namespace, name }: PodName,
  signal: AbortSignal,
): Promise<Readiness | undefined> {
  const path = `${podsPath(namespace)}/${name}:${PORT}/proxy/status`;
  try {
    return readReadiness(await client.json({ method: "GET", path, signal, timeoutMs: TIMEOUT_MS }));
  } catch {
    return undefined;
  }
}
