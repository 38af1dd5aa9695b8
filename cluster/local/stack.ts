import { rm } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "#cluster/system/free-port.ts";
import { type AgentOptions, type AgentProcess, startAgent } from "./agent.ts";
import { type LocalConfig, readLocalConfig } from "./config.ts";
import { bundleWorker, type Edge, startEdge } from "./edge.ts";
import { refuseDamagedEdge } from "./edge-folder.ts";
import { edgeVars, isNeon, usesRealTelegram } from "./edge-vars.ts";
import { bracketed } from "./http/refusal.ts";
import { REPOSITORY } from "./repository.ts";
import { makeScratchFolder } from "./scratch-folder.ts";
import { type LocalSecrets, localSecrets, publicHalf } from "./secrets.ts";
import { type Services, startServices } from "./services.ts";

export const CLUSTER_ID = "local";
const CRON_MS = 60_000;

export interface StackOptions {
  /** Default: everything built in, on free ports. */
  config?: LocalConfig;
  /** Absent: nothing outlives the stack. */
  dataDir?: string;
  /** The Worker's bundle, if it is built already. */
  bundle?: string;
  /** What an embedded database in memory begins with: see `PgliteOptions`. */
  database?: Blob;
  /** Resolves when the pages are built; without it they are used as they are. */
  siteBuilt?: Promise<void>;
  /** Added to or replacing the Worker's variables. */
  vars?: Record<string, string>;
  onEdgeLog?: (line: string) => void;
}

/** The whole product on this machine, except the fleet-agent: see `startFleetAgent`. */
export interface Stack {
  url: string;
  services: Services;
  secrets: LocalSecrets;
  edge: Edge;
  /** Starts a fleet-agent of the `local` cluster; more than one may run. */
  startFleetAgent(
    env?: AgentOptions["env"],
    onLog?: AgentOptions["onLog"],
    onCrash?: AgentOptions["onCrash"],
  ): AgentProcess;
  close(): Promise<void>;
}

export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const { dataDir, config = readLocalConfig({ PORT: "0" }) } = options;
  const scratch = makeScratchFolder();
  const secrets = await localSecrets(dataDir && join(dataDir, "secrets.json"));
  if (dataDir) refuseDamagedEdge(join(dataDir, "edge"));
  const port = config.PORT || (await freePort(config.HOST));
  // The database's first start and the builds take seconds each, so they run in parallel.
  const built = Promise.resolve(options.siteBuilt);
  const bundling = built.then(() => options.bundle ?? bundleWorker(join(scratch, "worker")));
  const starting = startServices({ config, secrets, dataDir, database: options.database });
  const preparing = starting.then((services) => prepareDatabase(config, services, secrets));
  const [services, bundle] = await Promise.all([starting, bundling, preparing]);
  const urls = { ...services.urls, edge: `http://${bracketed(config.HOST)}:${port}` };
  const edge = await startEdge({
    vars: { ...edgeVars(config, secrets, urls), ...options.vars },
    host: config.HOST,
    port,
    bundle,
    scratch,
    persistTo: dataDir && join(dataDir, "edge"),
    onLog: options.onEdgeLog,
  });
  const cron = setInterval(() => void edge.runCron().catch(() => {}), CRON_MS);
  const agents = new Set<AgentProcess>();
  const agentEnv = {
    EDGE_URL: urls.edge,
    CLUSTER_ID,
    AGENT_KEY: JSON.stringify(secrets.agentKey),
    STATE_ROOT: join(dataDir ?? scratch, "boxes"),
    ...clusterEnv(config, urls),
  };
  return {
    url: urls.edge,
    services,
    secrets,
    edge,
    startFleetAgent(env = {}, onLog, onCrash) {
      const agent = startAgent({ env: { ...agentEnv, ...env }, onLog, onCrash });
      agents.add(agent);
      return agent;
    },
    async close() {
      clearInterval(cron);
      await inOrder([
        () => Promise.all([...agents].map((agent) => agent.stop())),
        () => edge.close(),
        () => services.close(),
        () => rm(scratch, { recursive: true, force: true }),
      ]);
    },
  };
}

/** Each after the one before, also if that failed: the database is closed well whatever happens. @throws the first error */
async function inOrder(steps: readonly (() => Promise<unknown>)[]): Promise<void> {
  const errors: unknown[] = [];
  for (const step of steps) await step().catch((error) => errors.push(error));
  if (errors.length > 0) throw errors[0];
}

/** Runs the migrations, and adds the row of this machine's fleet-agent. */
async function prepareDatabase(config: LocalConfig, { neon }: Services, secrets: LocalSecrets): Promise<void> {
  if (isNeon(config.DATABASE_URL)) return;
  await neon.migrate(join(REPOSITORY, "schema/db/migrations")).catch((error: Error) => {
    throw new Error(`the database${config.DATABASE_URL ? " of DATABASE_URL" : ""} can't be used: ${error.message}`);
  });
  await neon.query(
    `insert into clusters (id, agent_keys) values ($1, $2::jsonb)
     on conflict (id) do update set agent_keys = excluded.agent_keys`,
    [CLUSTER_ID, JSON.stringify([publicHalf(secrets.agentKey)])],
  );
}

/** If boxes are pods: the cluster, and what they may reach of this machine. */
function clusterEnv(config: LocalConfig, urls: Record<"edge" | "telegram", string>): Record<string, string> {
  if (!config.KUBECONFIG || !config.GATEWAY_IMAGE) return {};
  const cidr = `${config.HOST}/${config.HOST.includes(":") ? 128 : 32}`;
  const destinations = (url: string) => JSON.stringify([{ cidr, port: Number(new URL(url).port) }]);
  return {
    KUBECONFIG: config.KUBECONFIG,
    GATEWAY_IMAGE: config.GATEWAY_IMAGE,
    ...(config.EGRESS_GATE && { EGRESS_GATE: config.EGRESS_GATE }),
    EDGE_CIDRS: destinations(urls.edge),
    ...(!usesRealTelegram(config) && { TELEGRAM_CIDRS: destinations(urls.telegram) }),
  };
}
