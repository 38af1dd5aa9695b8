import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { agentLayer } from "#cluster/image/layers/own-programs.ts";
import { REPOSITORY } from "#cluster/local/repository.ts";
import { freePort } from "#cluster/system/free-port.ts";
import { endWithUs } from "#cluster/system/lifeline.ts";
import type { PodAccess } from "#fleet-agent/config/config.ts";
import { until } from "#tests/harness/until.ts";
import { parseMetrics, type Samples } from "./metrics.ts";

/** The agent as its image runs it: the same files, the same heap limits, the same way to the cluster. */
export interface AgentProgram {
  metrics(): Promise<Samples>;
  stop(): Promise<void>;
}

export interface ClusterDoor {
  server: string;
  /** Certificate authority and token as a pod has them. */
  ca: Buffer;
  token: string;
}

export async function startAgentProgram(
  folder: string,
  door: ClusterDoor,
  settings: Record<string, string>,
): Promise<AgentProgram> {
  const program = join(folder, "program");
  const port = await freePort("127.0.0.1");
  await mkdir(program, { recursive: true });
  await agentLayer().make(program);
  const child = spawn(process.execPath, [join(program, "main.js"), "run"], {
    env: {
      ...settings,
      ...(await podEnvironment(folder, door)),
      NODE_OPTIONS: await heapLimits(),
      METRICS_PORT: String(port),
      LOG_LEVEL: "warn",
    },
    stdio: ["ignore", "inherit", "inherit"],
  });
  endWithUs(child);
  const ask = async () => parseMetrics(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text());
  await until("the agent's metrics", async () => {
    if (child.exitCode !== null) throw new Error("the agent has ended");
    return ask();
  });
  return { metrics: ask, stop: () => stop(child) };
}

/** The files that a pod finds at its service account's place. */
export async function writeServiceAccount(folder: string, { server, ca, token }: ClusterDoor): Promise<PodAccess> {
  const account = join(folder, "service-account");
  await mkdir(account, { recursive: true });
  await writeFile(join(account, "ca.crt"), ca);
  await writeFile(join(account, "token"), token, { mode: 0o600 });
  return { server, folder: account };
}

async function podEnvironment(folder: string, door: ClusterDoor): Promise<Record<string, string>> {
  const { folder: account } = await writeServiceAccount(folder, door);
  const { hostname, port } = new URL(door.server);
  return {
    DRIVER: "kube",
    SERVICE_ACCOUNT_DIR: account,
    KUBERNETES_SERVICE_HOST: hostname,
    KUBERNETES_SERVICE_PORT: port || "443",
  };
}

/** What the manifest gives the container. */
async function heapLimits(): Promise<string> {
  const manifest = await readFile(join(REPOSITORY, "cluster/manifests/agent.yaml"), "utf8");
  const [, value] = /name: NODE_OPTIONS\n\s+value: (.+)/.exec(manifest) ?? [];
  if (!value) throw new Error("cluster/manifests/agent.yaml sets no NODE_OPTIONS");
  return value;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  await exited;
}
