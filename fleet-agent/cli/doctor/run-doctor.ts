import { withoutSlash } from "#schema/domain/urls.ts";
import { type AgentKey, ConfigError, readAgentKey } from "../../config/config.ts";
import type { KubeClient } from "../../drivers/kube/kube-client.ts";
import type { FoundSettings } from "../commands/cluster-settings.ts";
import type { OperatorClient } from "../operator/operator-client.ts";
import { addressChecks } from "./address-checks.ts";
import { admissionCheck } from "./admission-check.ts";
import { agentKeyCheck } from "./agent-key-check.ts";
import { policyCheck, resolverCheck, storageCheck, versionCheck } from "./cluster-checks.ts";
import { edgeChecks, fleetChecks, keyChecks, modelChecks } from "./edge-checks.ts";
import { carefully, type Finding, ok, skipped } from "./finding.ts";
import { imageCheck } from "./image-check.ts";
import { rightsCheck, whoAmI } from "./rights-check.ts";

/** Everything about the edge that an operator's machine, or with its key an agent's pod, depends on. */
export async function examineEdge(operator: OperatorClient, version: string | undefined): Promise<readonly Finding[]> {
  const edge = await carefully("edge", () => edgeChecks(operator, version));
  // If the edge does not answer, the other checks would only repeat that.
  if (edge[0]?.status === "fail") return edge;
  const [key, fleet, models] = await Promise.all([
    carefully("operator key", () => keyChecks(operator)),
    carefully("clusters", () => fleetChecks(operator)),
    carefully("models", () => modelChecks(operator)),
  ]);
  return [...edge, ...key, ...fleet, ...models];
}

/** The agent's own key, where it is set. */
export async function examineAgentKey(env: Readonly<Record<string, string | undefined>>): Promise<readonly Finding[]> {
  const { AGENT_KEY, AGENT_KEY_FILE, EDGE_URL: edgeUrl, CLUSTER_ID: clusterId } = env;
  if (!AGENT_KEY && !AGENT_KEY_FILE)
    return [skipped("agent key", "AGENT_KEY is not set here, as on an operator's machine")];
  return carefully("agent key", async () => {
    if (!edgeUrl || !clusterId) throw new ConfigError("EDGE_URL and CLUSTER_ID must be set along with AGENT_KEY");
    const key: AgentKey = readAgentKey(env);
    return agentKeyCheck({ edgeUrl: withoutSlash(edgeUrl), clusterId, key });
  });
}

/** The cluster, and whether its agent can work there. */
export async function examineCluster(
  client: KubeClient,
  edgeUrl: string | undefined,
  settingsOf: () => Promise<FoundSettings>,
): Promise<readonly Finding[]> {
  const cluster = await carefully("cluster", () => versionCheck(client));
  if (cluster[0]?.status === "fail") return cluster;
  const inside = await carefully("identity", async () => {
    const me = await whoAmI(client);
    const [rights, admission] = await Promise.all([
      carefully("rights", () => rightsCheck(client, me)),
      carefully("admission policies", () => admissionCheck(client, me)),
    ]);
    return [ok("identity", me), ...rights, ...admission];
  });
  return [...cluster, ...inside, ...(await examineSettings(client, edgeUrl, settingsOf))];
}

const examineSettings = (client: KubeClient, edgeUrl: string | undefined, settingsOf: () => Promise<FoundSettings>) =>
  carefully("settings of boxes", async () => {
    const { settings, source } = await settingsOf();
    const findings = await Promise.all([
      carefully("storage class", () => storageCheck(client, settings)),
      carefully("gateway image", () => imageCheck(client, settings)),
      carefully("resolver", () => resolverCheck(client, settings)),
      edgeUrl ? carefully("addresses", () => addressChecks(edgeUrl, settings)) : [],
    ]);
    return [ok("settings of boxes", `from ${source}`), ...findings.flat(), ...policyCheck(settings)];
  });
