/**
 * One fleet-agent with a cluster row of its own, behind proxies that see every call it makes, to its API server and to
 * the edge. A call has a name that is the same for every box: `PATCH …/deployments/gateway #1`.
 */
import { randomUUID } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { decodeJwt, exportJWK, generateKeyPair } from "jose";
import { type AgentProcess, startAgent } from "#cluster/local/agent.ts";
import type { Stack } from "#cluster/local/stack.ts";
import { type Call, type Fate, type FaultProxy, startFaultProxy, type Target } from "./fault-proxy.ts";

/** Where in a job something happens: before a call is passed on, or when it is done and the agent doesn't know. */
export interface Point {
  call: string;
  when: "before" | "after";
}

type Act = () => Promise<"pass" | undefined>;

export interface AgentLane {
  cluster: string;
  kube: FaultProxy;
  agent: AgentProcess | undefined;
  start(): void;
  /** The names of the calls since the last `watchFor`. */
  seen: string[];
  /** Begins to count anew; `act` runs once at the point. Unless it says `pass`, the agent gets no answer then. */
  watchFor(point: Point | undefined, act: Act): void;
  /** The call at which `act` was run. */
  met: Call | undefined;
  /** From its next start on, the agent works for the other lane's cluster, from a place of its own; with more room, so it is asked first. */
  join(other: AgentLane): void;
  identity: { CLUSTER_ID: string; AGENT_KEY: string; CAPACITY?: string };
  /** What the API server makes of a call of a job; its name comes first. */
  fault(name: string, call: Call): Fate;
  /** What its agents have logged. */
  log: string[];
  close(): Promise<void>;
}

export interface LaneOptions {
  stack: Stack;
  /** All lanes' way to the edge. */
  edge: EdgeProxy;
  agentEnv: Record<string, string>;
  folder: string;
}

/** Dispatches what comes to the edge to the lane whose agent says it. */
export interface EdgeProxy {
  proxy: FaultProxy;
  lanes: Map<string, { meet(call: Call, when: Point["when"]): Promise<"pass" | "reset"> }>;
}

export async function startEdgeProxy(target: () => string): Promise<EdgeProxy> {
  const proxy = await startFaultProxy(() => ({ url: target() }));
  const lanes: EdgeProxy["lanes"] = new Map();
  const meet = async (call: Call, when: Point["when"]) => {
    const [, token] = (call.headers.authorization ?? "").split(" ");
    const ofJob = call.path.startsWith("/fleet/jobs/") && token;
    return (ofJob && (await lanes.get(decodeJwt(token).iss ?? "")?.meet(call, when))) || "pass";
  };
  proxy.before = (call) => meet(call, "before");
  proxy.after = (call) => meet(call, "after");
  return { proxy, lanes };
}

export async function startLane({ stack, edge, agentEnv, folder }: LaneOptions): Promise<AgentLane> {
  const cluster = `lane-${randomUUID().slice(0, 8)}`;
  const { privateKey, publicKey } = await generateKeyPair("EdDSA", { extractable: true });
  const [secret, open] = [await exportJWK(privateKey), await exportJWK(publicKey)];
  await stack.services.neon.query(
    "insert into clusters (id, agent_keys, accepts_new_boxes) values ($1, $2::jsonb, false)",
    [cluster, JSON.stringify([{ ...open, kid: "k1" }])],
  );
  const { file, target } = await throughProxy(agentEnv.KUBECONFIG ?? "", `${folder}/${cluster}.kubeconfig`);
  const kube = await startFaultProxy(() => target);
  await file(kube.url);
  const env = {
    ...agentEnv,
    EDGE_URL: edge.proxy.url,
    AGENT_INSTANCE: cluster,
    KUBECONFIG: `${folder}/${cluster}.kubeconfig`,
  };

  let point: Point | undefined;
  let act: Act = async () => undefined;
  const names = new WeakMap<Call, string>();
  const counts = new Map<string, number>();
  const meet = async (call: Call, when: Point["when"]): Promise<"pass" | "reset"> => {
    if (when === "before") {
      names.set(call, nameOf(call, counts));
      lane.seen.push(names.get(call) ?? "");
    }
    if (lane.met || point?.when !== when || names.get(call) !== point.call) return "pass";
    lane.met = call;
    return (await act()) ?? "reset";
  };
  edge.lanes.set(cluster, { meet });
  kube.before = async (call) => {
    if (isWatchOfAll(call)) return "pass";
    const met = await meet(call, "before");
    return met === "pass" ? lane.fault(names.get(call) ?? "", call) : met;
  };
  kube.after = (call) => (isWatchOfAll(call) ? "pass" : meet(call, "after"));

  const lane: AgentLane = {
    cluster,
    kube,
    agent: undefined,
    seen: [],
    identity: { CLUSTER_ID: cluster, AGENT_KEY: JSON.stringify({ ...secret, kid: "k1" }) },
    join: (other) => {
      lane.identity = { ...other.identity, CAPACITY: "8" };
    },
    met: undefined,
    fault: () => "pass",
    log: [],
    start: () => {
      lane.agent = startAgent({ env: { ...env, ...lane.identity }, onLog: (line) => lane.log.push(line) });
    },
    watchFor(next, then) {
      [point, act, lane.met, lane.seen] = [next, then, undefined, []];
      counts.clear();
    },
    async close() {
      await lane.agent?.stop("SIGKILL");
      await kube.close();
    },
  };
  return lane;
}

/** What the agent looks at and tries out all the time, whatever jobs it has. */
const isWatchOfAll = ({ path }: Call): boolean => !path.includes("customer-") || path.includes("dryRun=");

const ID = /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/g;

/** `PATCH /api/v1/namespaces/customer-*` and which time that was. */
function nameOf({ method, path }: Call, counts: Map<string, number>): string {
  const [place = "", query] = path.split("?");
  const watch = new URLSearchParams(query).has("watch") ? " (watch)" : "";
  const what = `${method} ${place.replaceAll(ID, "*").replace(/pods\/.*$/, "pods/*")}${watch}`;
  const count = (counts.get(what) ?? 0) + 1;
  counts.set(what, count);
  return `${what} #${count}`;
}

/** The kubeconfig with another server in it, and the server and authority that stood there. */
async function throughProxy(from: string, to: string) {
  interface Config {
    clusters: { cluster: { server: string; "certificate-authority-data"?: string } }[];
  }
  const config = JSON.parse(await readFile(from, "utf8")) as Config;
  const { cluster } = config.clusters[0] ?? missing();
  const ca = cluster["certificate-authority-data"];
  const target: Target = { url: cluster.server, ...(ca && { ca: Buffer.from(ca, "base64").toString() }) };
  const file = async (server: string) => {
    const clusters = config.clusters.map((one) => ({ ...one, cluster: { server, "insecure-skip-tls-verify": true } }));
    await writeFile(to, JSON.stringify({ ...config, clusters }), { mode: 0o600 });
  };
  return { file, target };
}

function missing(): never {
  throw new Error("the agent's kubeconfig names no cluster");
}
