import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AgentProcess, startAgent } from "./agent.ts";
import { type LocalConfig, readLocalConfig } from "./config.ts";
import { bundleWorker, type Edge, startEdge } from "./edge.ts";
import { edgeVars, isNeon } from "./edge-vars.ts";
import { REPOSITORY } from "./repository.ts";
import { type LocalSecrets, localSecrets, publicHalf } from "./secrets.ts";
import { type Services, startServices } from "./services.ts";

export const CLUSTER_ID = "local";
const CRON_MS = 60_000;

export interface StackOptions {
  /** Default: everything built in, on free ports. */
  config?: LocalConfig;
  /** Absent: nothing outlives the stack. */
  dataDir?: string;
  /** The Worker's bundle where it is made already. */
  bundle?: string;
  /** Added to or replacing the Worker's variables. */
  vars?: Record<string, string>;
  onEdgeLog?: (line: string) => void;
}

/** The whole product on this machine, but for the fleet-agent: see `startFleetAgent`. */
export interface Stack {
  url: string;
  services: Services;
  secrets: LocalSecrets;
  edge: Edge;
  /** Starts a fleet-agent of the `local` cluster; more than one may run. */
  startFleetAgent(env?: Record<string, string>, onLog?: (line: string) => void): AgentProcess;
  close(): Promise<void>;
}

export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const config = options.config ?? readLocalConfig({ PORT: "0" });
  const scratch = await mkdtemp(join(tmpdir(), "openclaw-cloud-"));
  const dataDir = options.dataDir;
  const secrets = await localSecrets(dataDir && join(dataDir, "secrets.json"));
  const port = config.PORT || (await freePort(config.HOST));
  const services = await startServices({
    config,
    secrets,
    dataDir,
    host: config.HOST,
    port: config.PORT && config.PORT + 1,
  });
  await prepareDatabase(config, services, secrets);
  const url = `http://${config.HOST}:${port}`;
  const edge = await startEdge({
    vars: { ...edgeVars(config, secrets, { edge: url, services: services.url }), ...options.vars },
    host: config.HOST,
    port,
    bundle: options.bundle ?? (await bundleWorker(join(scratch, "worker"))),
    ...(dataDir && { persistTo: join(dataDir, "edge") }),
    ...(options.onEdgeLog && { onLog: options.onEdgeLog }),
  });
  const cron = setInterval(() => void edge.runCron().catch(() => {}), CRON_MS);
  const agents = new Set<AgentProcess>();
  return {
    url,
    services,
    secrets,
    edge,
    startFleetAgent(env = {}, onLog) {
      const agent = startAgent({
        env: { ...agentEnv(config, secrets, url, join(dataDir ?? scratch, "boxes")), ...env },
        ...(onLog && { onLog }),
      });
      agents.add(agent);
      return agent;
    },
    async close() {
      clearInterval(cron);
      await Promise.all([...agents].map((agent) => agent.stop()));
      await edge.close();
      await services.close();
      await rm(scratch, { recursive: true, force: true });
    },
  };
}

/** Migrations, and the row by which the edge knows this machine's fleet-agent. */
async function prepareDatabase(config: LocalConfig, services: Services, secrets: LocalSecrets): Promise<void> {
  if (config.DATABASE_URL && isNeon(config.DATABASE_URL)) return;
  await services.neon.migrate(join(REPOSITORY, "schema/db/migrations"));
  await services.neon.query(
    `insert into clusters (id, agent_keys) values ($1, $2::jsonb)
     on conflict (id) do update set agent_keys = excluded.agent_keys`,
    [CLUSTER_ID, JSON.stringify([publicHalf(secrets.agentKey)])],
  );
}

function agentEnv(config: LocalConfig, secrets: LocalSecrets, edge: string, stateRoot: string): Record<string, string> {
  return {
    EDGE_URL: edge,
    CLUSTER_ID,
    AGENT_KEY: JSON.stringify(secrets.agentKey),
    STATE_ROOT: stateRoot,
    ...(config.KUBECONFIG && { KUBECONFIG: config.KUBECONFIG }),
    ...(config.GATEWAY_IMAGE && { GATEWAY_IMAGE: config.GATEWAY_IMAGE }),
  };
}

/** The Worker must know its own address before it listens. */
function freePort(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once("error", reject);
    probe.listen(0, host, () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
