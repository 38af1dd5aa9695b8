import { podsOf } from "./cluster.ts";
import { podLog } from "./kube-reads.ts";

/** When (ms since the epoch, by the node's clock) the supervisor had the box's newest generation applied; undefined before. */
export async function appliedAt(namespace: string, generation: number): Promise<number | undefined> {
  const [pod] = await podsOf(namespace);
  const text = await podLog(namespace, pod?.metadata.name ?? "");
  for (const line of text.split("\n")) {
    if (!line.startsWith("{") || !line.includes('"box_applied"')) continue;
    const event = JSON.parse(line) as { at: string; generation: number };
    if (event.generation >= generation) return Date.parse(event.at);
  }
  return undefined;
}
