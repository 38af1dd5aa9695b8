/** Several agents side by side on one cluster, each with its own boxes, whose pods are said to be ready at once. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Accepted } from "#schema/contracts/internal.ts";
import { type AgentLane, type EdgeProxy, startEdgeProxy, startLane } from "./agent-lane.ts";
import { type BoxObjects, settledObjectsOf } from "./box-objects-of.ts";
import { type ClusterStack, startClusterStack } from "./cluster.ts";
import { type StandInKubelet, startStandInKubelet } from "./stand-in-kubelet.ts";

export interface Lanes {
  cluster: ClusterStack;
  kubelet: StandInKubelet;
  edge: EdgeProxy;
  lanes: AgentLane[];
  /** A new box on the lane's cluster. */
  provision(lane: AgentLane): Promise<Accepted>;
  /** What stands in the box's namespace, comparable with that of others: best with that of a clean one. */
  objectsOf(boxId: string, clean?: BoxObjects): Promise<BoxObjects>;
  activeTokens(boxId: string): Promise<number>;
  query: ClusterStack["stack"]["services"]["neon"]["query"];
  close(): Promise<void>;
}

/** Boxes of the lanes beside it, and of other files, which an edge doesn't know. */
const UNKNOWN = '"kind":"unknown_boxes"';

let made = 0;

/** The agents are not started. */
export async function startLanes(bundle: string, count: number): Promise<Lanes> {
  const folder = await mkdtemp(join(tmpdir(), "openclaw-cloud-lanes-"));
  let url = "";
  const edge = await startEdgeProxy(() => url);
  const kubelet = await startStandInKubelet();
  const cluster = await startClusterStack(bundle, {
    vars: { PUBLIC_URL: edge.proxy.url },
    settings: { RUNTIME_CLASS: kubelet.runtimeClass },
    onEdgeLog: (line) => line.includes('"level":"error"') && !line.includes(UNKNOWN) && console.log(line),
  });
  const { stack, agentEnv, operator } = cluster;
  url = stack.url;
  const { neon, telegram } = stack.services;
  const query: Lanes["query"] = (sql, params) => neon.query(sql, params);
  const lanes = await Promise.all(Array.from({ length: count }, () => startLane({ stack, edge, agentEnv, folder })));

  const order = async (lane: AgentLane): Promise<Accepted> => {
    for (;;) {
      const accepted = await orderOnce(lane);
      if (accepted) return accepted;
    }
  };

  /** Undefined where the edge asks to come again (503): as somebody else, since it may have heard the first one. */
  const orderOnce = async (lane: AgentLane): Promise<Accepted | undefined> => {
    made += 1;
    const bot = telegram.createBot({ username: `lane${1_000 + made}_bot`, name: "Lane" });
    await query("update clusters set accepts_new_boxes = (id = $1)", [lane.cluster]);
    const response = await operator.send("POST", "/internal/provision", {
      customer_email: `lane${made}@example.com`,
      telegram_bot_token: bot.token,
      telegram_user_id: 1_001,
      tier: "starter",
    });
    return response.status === 503 ? undefined : Accepted.parse(await response.json());
  };
  // New boxes go to the cluster that accepts them, so one is ordered at a time.
  let ordering: Promise<unknown> = Promise.resolve();

  return {
    cluster,
    kubelet,
    edge,
    lanes,
    query,
    provision(lane) {
      const ordered = ordering.then(() => order(lane));
      ordering = ordered.catch(() => undefined);
      return ordered;
    },
    objectsOf: (boxId, clean) => settledObjectsOf(kubelet.client, `customer-${boxId}`, clean),
    async activeTokens(boxId) {
      const sql = "select count(*)::int as n from proxy_tokens where box_id = $1 and status = 'active'";
      const [row] = await query<{ n: number }>(sql, [boxId]);
      return row?.n ?? 0;
    },
    async close() {
      for (const lane of lanes) await lane.close();
      await cluster.close();
      await kubelet.close();
      await edge.proxy.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
