import * as z from "zod";

/** A machine of the cluster, as far as the boxes on it are concerned. */
export interface SeenNode {
  name: string;
  ready: boolean;
}

/** What is kept of a Node: its kubelet reports by the condition `Ready`, and nobody does when the machine is lost. */
export const NodeView = z
  .object({
    metadata: z.object({ name: z.string() }),
    status: z
      .object({ conditions: z.array(z.object({ type: z.string(), status: z.string() })).default([]) })
      .prefault({}),
  })
  .transform(
    ({ metadata, status }): SeenNode => ({
      name: metadata.name,
      ready: status.conditions.some(({ type, status: value }) => type === "Ready" && value === "True"),
    }),
  );

/** What is wrong with the node that a pod is on; undefined where it is well, or nodes can't be seen. */
export function nodeTrouble(
  name: string | undefined,
  nodes: ReadonlyMap<string, SeenNode> | undefined,
): string | undefined {
  if (!name || !nodes) return undefined;
  const node = nodes.get(name);
  if (!node) return `The node ${name}, on which this box ran, has left the cluster.`;
  return node.ready ? undefined : `The node ${name}, on which this box runs, doesn't answer.`;
}
