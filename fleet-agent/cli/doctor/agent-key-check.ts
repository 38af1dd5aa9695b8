import { createSigner } from "../../agent/edge/assertion.ts";
import type { AgentKey } from "../../config/config.ts";
import { type Finding, fail, ok } from "./finding.ts";

/**
 * Whether the edge accepts this cluster's agent key. The mailbox answers 400 to a request without a WebSocket, but only
 * after authentication: so this changes nothing, and does not look like a connected agent.
 */
export async function agentKeyCheck(options: {
  edgeUrl: string;
  clusterId: string;
  key: AgentKey;
}): Promise<Finding[]> {
  const { edgeUrl, clusterId, key } = options;
  const sign = createSigner({ key, clusterId, edgeUrl });
  const response = await fetch(`${edgeUrl}/fleet/mailbox`, {
    headers: { authorization: `Bearer ${await sign()}` },
    redirect: "error",
    signal: AbortSignal.timeout(10_000),
  });
  await response.body?.cancel();
  if (response.status === 400) return [ok("agent key", `${key.kid} of ${clusterId} is taken`)];
  const todo =
    "Its public half must be in `clusters.agent_keys` of this cluster, EDGE_URL must be the edge's PUBLIC_URL letter by letter, " +
    "and the clock must be right.";
  return [fail("agent key", `the edge answers ${response.status} to ${key.kid} of ${clusterId}`, todo)];
}
