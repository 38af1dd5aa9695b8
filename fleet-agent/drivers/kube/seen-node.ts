import * as z from "zod";

/** A node, as far as its boxes are concerned. */
export interface SeenNode {
  name: string;
  ready: boolean;
}

/** What to keep of a Node: the condition `Ready`, which its kubelet reports until the machine is lost. */
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

/** The problem of a pod's node; undefined if it is healthy or nodes can't be watched. */
export function nodeTrouble(
  name: string | undefined,
  nodes: ReadonlyMap<string, SeenNode> | undefined,
): string | undefined {
  if (!name || !nodes) return undefined;
  const node = nodes.get(name);
  if (!node) return `The node ${name}, on which this box ran, has left the cluster.`;
  return node.ready ? undefined : `The node ${name}, on which this box runs, doesn't answer.`;
}
